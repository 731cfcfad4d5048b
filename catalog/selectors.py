"""What is sold."""

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Lower

from catalog.models import Family, Product


def products(text: str, family_id: int | None) -> QuerySet[Product]:
    """Products with their families, by name; `text` is part of a name or the beginning of a code."""
    rows: QuerySet[Product] = Product.objects.select_related("family").annotate(name_key=Lower("name"))
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(code__istartswith=text))
    if family_id is not None:
        rows = rows.filter(family_id=family_id)
    return rows


def families() -> QuerySet[Family]:
    """Product families with the number of products that are sold."""
    return Family.objects.annotate(sold=Count("products", filter=Q(products__is_sold=True)))
