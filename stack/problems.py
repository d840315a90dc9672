"""What the stack tells its operator when something does not work."""


class StackProblem(RuntimeError):
    """The stack cannot do it; the message says what happened, to which part, and what to do next."""
