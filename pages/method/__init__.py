"""What every figure and word of the explorer means: definition, formula, source and limits, where a term leads to."""
