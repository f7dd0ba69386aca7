"""Live data: one module per data set, each with ``parse_*`` (pure), ``fetch_*`` and ``load_*``; `registry` lists them."""
