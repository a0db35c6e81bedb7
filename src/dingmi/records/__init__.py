"""What is so, and since when: Django models; written only by acts."""
