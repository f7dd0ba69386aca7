"""How publishers hand out data: map services, links on pages, archives, workbooks and delimited text."""
