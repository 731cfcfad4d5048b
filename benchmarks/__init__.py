"""What the pages and jobs cost, as ratios to a floor taken in the same run on the same servers."""
