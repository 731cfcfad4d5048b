"""Sales models to start from: that of Salesforce, and one for a high volume of small deals. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.rules.sales_models import CriterionInput, QuestionInput, StageInput


@dataclass(frozen=True)
class Template:
    """A sales model to copy: its name, what it is for, its stages and its questions."""

    name: str
    about: str
    stages: Sequence[StageInput]
    questions: Sequence[QuestionInput] = ()


def _asks(*texts: str) -> list[CriterionInput]:
    """Criteria that a person ticks and that keep no deal from going on."""
    return [CriterionInput(text) for text in texts]


AMOUNT = CriterionInput("There is an amount", "amount", is_required=True)
PRODUCTS = CriterionInput("There are products", "products", is_required=True)
NEXT_STEP = CriterionInput("There is a next step", "next_step")
DECIDER = CriterionInput("We know who decides", "decider", is_required=True)
CLOSE_PLAN = CriterionInput("There is a close plan", "close_plan")
ANSWERS = CriterionInput("Every question is answered", "answers")

SALESFORCE = Template(
    "Large accounts",
    "Deals with several people who decide, over months: the ten stages of Salesforce.",
    (
        StageInput("Prospecting", "open", 10, "pipeline", criteria=[NEXT_STEP]),
        StageInput(
            "Qualification", "open", 10, "pipeline", criteria=_asks("They have a need, a budget and a date")
        ),
        StageInput(
            "Needs Analysis", "open", 20, "pipeline", criteria=_asks("They confirmed their needs in writing")
        ),
        StageInput("Value Proposition", "open", 50, "pipeline", criteria=[AMOUNT]),
        StageInput("Id. Decision Makers", "open", 60, "best_case", criteria=[DECIDER]),
        StageInput("Perception Analysis", "open", 70, "best_case", criteria=[ANSWERS]),
        StageInput("Proposal/Price Quote", "open", 75, "most_likely", criteria=[PRODUCTS, CLOSE_PLAN]),
        StageInput("Negotiation/Review", "open", 90, "commit", criteria=_asks("The contract is agreed")),
        StageInput("Closed Won", "won", 100, "closed"),
        StageInput("Closed Lost", "lost", 0, "omitted"),
    ),
    (
        QuestionInput("Metrics", "What they gain, in figures that they named themselves."),
        QuestionInput("Economic buyer", "Who can spend the money, and what they told us."),
        QuestionInput("Decision criteria", "By what they compare us with others."),
        QuestionInput("Decision process", "Who signs when, step by step until the date."),
        QuestionInput(
            "Paper process", "What legal, procurement and security ask for, and how long it takes."
        ),
        QuestionInput("Pain", "What happens to them if they do nothing."),
        QuestionInput("Champion", "Who sells for us when we are not there, and why."),
        QuestionInput("Competition", "Whom else they look at, doing nothing among them."),
    ),
)
SMALL = Template(
    "Small businesses",
    "Many small deals that are won in days or weeks: six stages with short limits.",
    (
        StageInput("New", "open", 10, "pipeline", 2),
        StageInput("Contacted", "open", 25, "pipeline", 4, criteria=[NEXT_STEP]),
        StageInput("Offer sent", "open", 50, "best_case", 7, criteria=[AMOUNT]),
        StageInput("Verbal yes", "open", 85, "commit", 5),
        StageInput("Won", "won", 100, "closed"),
        StageInput("Lost", "lost", 0, "omitted"),
    ),
)
TEMPLATES = {"salesforce": SALESFORCE, "small": SMALL}
