/**
 * A Python program that prints JSON about its interpreter: version, installed distributions, and the
 * directories inside the repository that it would import from. Those are in `sys.path`, or belong to editable
 * installs (PEP 660, PEP 610). The first argument is the top of the work tree.
 */
export const pythonProbe = `
import json, os, sys
from importlib import metadata
from importlib.util import find_spec
root = os.path.realpath(sys.argv[1])
def inside(path):
    path = os.path.realpath(path)
    return path == root or path.startswith(root + os.sep)
names, live = {}, []
def add(path):
    path = os.path.realpath(path)
    if inside(path) and "site-packages" not in path and path not in live:
        live.append(path)
for path in sys.path[1:]:
    if path:
        add(path)
for found in metadata.distributions():
    name = found.metadata["Name"]
    if not name:
        continue
    names.setdefault(name.lower(), "%s==%s" % (name, found.version))
    try:
        source = json.loads(found.read_text("direct_url.json") or "{}")
        if not (source.get("dir_info") or {}).get("editable"):
            continue
        tops = (found.read_text("top_level.txt") or "").split() or [name.replace("-", "_")]
        for top in tops:
            spec = find_spec(top)
            for place in (spec and (spec.submodule_search_locations or [spec.origin])) or []:
                add(os.path.dirname(place))
    except Exception:
        pass
print(json.dumps({
    "version": "%d.%d.%d" % sys.version_info[:3],
    "requirements": [names[name] for name in sorted(names)],
    "live": live,
}))
`;
