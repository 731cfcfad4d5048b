"""What of a deal goes into a copy of it."""

from datetime import date

from pipeline.models import Opportunity, OpportunityLine


def lines_to_copy(deal: Opportunity, day: date) -> tuple[list[OpportunityLine], list[OpportunityLine]]:
    """The lines that a copy has, and those that it has not: what is no longer sold goes onto no new deal.

    Of a bundle all lines or none.
    """
    lines = list(deal.lines.filter(is_removed=False).select_related("product", "bundle"))
    gone = {line.pk for line in lines if not _is_sold(line, day)}
    bundles = {line.bundle_number for line in lines if line.pk in gone and line.bundle_number is not None}
    left_out = [line for line in lines if line.pk in gone or line.bundle_number in bundles]
    return [line for line in lines if line not in left_out], left_out


def _is_sold(line: OpportunityLine, day: date) -> bool:
    return all(product.is_sold_on(day) for product in (line.product, line.bundle) if product)
