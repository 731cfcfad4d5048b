"""What people called and how it turned out, and what moved in the pipeline of a quarter."""

from forecasts.selectors.calls import (
    JOB,
    Who,
    accuracy,
    behind,
    callable_periods,
    callers,
    due_on,
    ended_periods,
    freshness,
    led_nodes,
    own_calls,
    ranked,
    scores_at,
    stand,
    team_stand,
)

__all__ = [
    "JOB",
    "Who",
    "accuracy",
    "behind",
    "callable_periods",
    "callers",
    "due_on",
    "ended_periods",
    "freshness",
    "led_nodes",
    "own_calls",
    "ranked",
    "scores_at",
    "stand",
    "team_stand",
]
