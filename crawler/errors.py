"""All errors that Shiyi raises itself, as one tree.

ShiyiError
├── UsageError            wrong use or configuration, found before any request   exit 2
│   └── SourceError       a source file that does not declare a valid source     exit 2
├── StorageError          the disk or the index; stopped safely                  exit 3
│   ├── DiskError         a file could not be written or read
│   │   └── DiskFull      no space left, or the quota is used up
│   └── IndexFault       the index is foreign, damaged, newer, or locked
├── LockHeld              another run holds the lock                             exit 75
├── ListError             a list could not be read as what it claims to be
└── ExtractionError       a page that cannot be extracted (the worker died, too big)

``str(error)`` reads "what: which: why; what to do".
"""

from __future__ import annotations


class ShiyiError(Exception):
    exit_code = 1


class UsageError(ShiyiError):
    exit_code = 2


class SourceError(UsageError):
    pass


class StorageError(ShiyiError):
    exit_code = 3


class DiskError(StorageError):
    pass


class DiskFull(DiskError):
    pass


class IndexFault(StorageError):
    pass


class LockHeld(ShiyiError):
    exit_code = 75


class ListError(ShiyiError):
    """A list answered, but not with what it should be; the message is the reason."""


class ExtractionError(ShiyiError):
    """A page defeated extraction; costs that page, never the run."""
