"""The reading room: every file that a person or a publisher gives is read here, in a child process with limits.

`read` takes the name of a reader and a file, and gives plain tables back. What the limits are is declared in
`loaders.reading_room.limits`; which bytes make which kind of file in `loaders.file_kinds`.
"""

from loaders.reading_room.job import ReadResult
from loaders.reading_room.limits import COMMAND, PUBLISHER, UPLOAD, ReadLimits, allow
from loaders.reading_room.room import close_room, open_room, read

__all__ = ["COMMAND", "PUBLISHER", "UPLOAD", "ReadLimits", "ReadResult", "allow", "close_room", "open_room", "read"]
