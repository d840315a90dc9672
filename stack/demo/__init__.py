"""Three shops, their pages and their traffic: the platform with something in it."""
