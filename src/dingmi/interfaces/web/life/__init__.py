"""Pages of a matter’s later life: change, extension, errors, consultations, disclosure, delivery, received matters."""
