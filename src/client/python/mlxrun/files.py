"""Files that are written whole or not at all."""

import os


def text_saver(text):
    """Returns a function that writes `text` to a path, for write_whole()."""
    def save(path):
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    return save


def write_whole(path, save, flush=False):
    """Replaces the file `path` atomically: `save` writes a temporary file beside it, which is then renamed.

    With `flush` the new content is on the disk before it replaces the old. Raises OSError, and whatever
    `save` raises; the temporary file is then removed.
    """
    os.makedirs(os.path.dirname(path), exist_ok=True)
    host = os.uname().nodename if hasattr(os, "uname") else ""
    temporary = "%s.%s.%d.tmp" % (path, host, os.getpid())
    try:
        save(temporary)
        if flush:
            with open(temporary, "rb") as file:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise


def check_inside(directory, path):
    """Raises ValueError if `path` is not below `directory`."""
    if not os.path.normpath(path).startswith(os.path.normpath(directory) + os.sep):
        raise ValueError("an artifact's name stays inside of its run: %r" % path)
