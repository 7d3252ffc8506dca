"""The config that a program sees."""


class Config(dict):
    """A mapping whose items are also attributes: config.optimizer.lr is config["optimizer"]["lr"]."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            keys = ", ".join(map(str, self))
            raise AttributeError("the config has no key %r; it has: %s" % (name, keys)) from None

    def __setattr__(self, name, value):
        self[name] = value

    def __delattr__(self, name):
        try:
            del self[name]
        except KeyError:
            raise AttributeError(name) from None
