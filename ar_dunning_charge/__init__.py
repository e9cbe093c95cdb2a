from . import core, models
