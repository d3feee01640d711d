"""Doctor: looks at everything the lamp needs on this machine, and says what to do about what is not right."""
