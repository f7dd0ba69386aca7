"""What every answer rests on: the question, demand, conservation, reach."""
