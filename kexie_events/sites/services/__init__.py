"""What people do with declared activities. One function, one thing that a person does, one transaction."""

from .checking import Decided, decide
from .declaring import add, change, declare, reopen, take_back, withdraw
from .importing import Imported, copy_last, import_sheet, outlook
from .reporting import add_photo, remove_photo, report
from .settings import set_terms

__all__ = [
    "Decided", "Imported", "add", "add_photo", "change", "copy_last", "decide", "declare", "import_sheet", "outlook",
    "remove_photo", "reopen", "report", "set_terms", "take_back", "withdraw",
]  # fmt: skip
