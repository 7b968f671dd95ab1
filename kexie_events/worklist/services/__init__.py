"""What people do with the year's work list."""

from .departments import add_alias, add_department, drop_alias
from .importing import import_list
from .items import Wording, add_item, change_item, remove_item, restore_item, set_state
from .linking import link, unlink
from .reporting import Entry, report
from .settings import change_list

__all__ = [
    "Entry", "Wording", "add_alias", "add_department", "add_item", "change_item", "change_list", "drop_alias",
    "import_list", "link", "remove_item", "report", "restore_item", "set_state", "unlink",
]  # fmt: skip
