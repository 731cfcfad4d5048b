"""The product's web server with the floor added."""

from django.conf import settings

from salesops.wsgi import application

settings.ROOT_URLCONF = "benchmarks.urls"

__all__ = ["application"]
