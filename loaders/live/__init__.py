"""Live data: one module per data set, with ``parse_*`` (pure), ``fetch_*`` and ``load_*``; `registry` lists them."""
