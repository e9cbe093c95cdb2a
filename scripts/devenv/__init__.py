"""The development environment of this project, built below ``.env/``.

``paths``      where everything is
``steps``      running commands, saying so, and doing each step only once
``machine``    the apt packages taken from the machine's own release
``packages``   the Python packages
``odoo_tree``  Odoo 19, unpacked from Debian packages or a checkout of yours
``postgres``   the embedded PostgreSQL server
``odoo_conf``  the configuration Odoo runs with
``databases``  template databases, and their copies

Only ``paths`` to ``postgres`` must work with a bare Python: they build the rest.
"""
