-- I-22 What history says last of a row is how the row stands. A night looks at a seventh of them.
SELECT place FROM common_history_differs(extract(dow FROM %(as_of)s::date)::integer) place ORDER BY place LIMIT 5
