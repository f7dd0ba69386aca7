"""Pictures that stand by themselves: maps and charts as SVG and PNG, made without a browser."""
