"""Artifact types: each saves an object to a path, and loads it from there.

The packages that a type needs are imported only when it is used.
"""

import json
import os
import pickle
import re
import shutil

from .files import text_saver
from .metrics import plain


def save_pickle(obj, path):
    """Saves an object with pickle."""
    with open(path, "wb") as file:
        pickle.dump(obj, file)


def _load_pickle(path):
    with open(path, "rb") as file:
        return pickle.load(file)


def _save_json(obj, path):
    text_saver(json.dumps(obj, indent=2, default=plain) + "\n")(path)


def _load_json(path):
    return json.loads(_load_text(path))


def _save_text(obj, path):
    text_saver(str(obj))(path)


def _load_text(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def _save_file(obj, path):
    shutil.copyfile(obj, path)


def _load_path(path):
    return path


def _save_numpy(obj, path):
    import numpy
    with open(path, "wb") as file:
        if isinstance(obj, dict):
            numpy.savez(file, **obj)
        else:
            numpy.save(file, obj)


def _load_numpy(path):
    import numpy
    loaded = numpy.load(path)
    return loaded if isinstance(loaded, numpy.ndarray) else dict(loaded)


def _save_torch(obj, path):
    import torch
    torch.save(obj, path)


def _load_torch(path):
    import torch
    return torch.load(path)


def _save_image(obj, path):
    # The format follows the ending of the artifact's name; the temporary file has another ending.
    ending = os.path.splitext(re.sub(r"\.[^.]+\.\d+\.tmp$", "", path))[1][1:].lower() or "png"
    with open(path, "wb") as file:
        if hasattr(obj, "savefig"):
            obj.savefig(file, format=ending, bbox_inches="tight")
        elif hasattr(obj, "save"):
            obj.save(file, format={"jpg": "jpeg"}.get(ending, ending))
        else:
            kind = type(obj).__name__
            raise TypeError("an image is a figure of matplotlib or an image of PIL, not %s" % kind)


def _load_image(path):
    try:
        from PIL import Image
    except ImportError:
        return path
    return Image.open(path)


#: (save, load) by type.
BUILT_IN_TYPES = {
    "pickle": (save_pickle, _load_pickle),
    "json": (_save_json, _load_json),
    "text": (_save_text, _load_text),
    "file": (_save_file, _load_path),
    "numpy": (_save_numpy, _load_numpy),
    "torch": (_save_torch, _load_torch),
    "image": (_save_image, _load_image),
}
