"""What the tests of searching share with the contract: an index of either back end."""

from tests.contract.conftest import opener

__all__ = ["opener"]
