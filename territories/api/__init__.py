"""The API's tokens, the tree over the API, and who sits in it.

What signs a token in stands first: the framework looks for it here while it is itself being loaded.
"""

from territories.api.tokens import TokenAuthentication, TokenScheme

__all__ = ["TokenAuthentication", "TokenScheme"]
