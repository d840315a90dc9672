"""The whole table."""

from tests.bad_inputs.bodies import BODIES
from tests.bad_inputs.in_topic import IN_TOPIC
from tests.bad_inputs.members import MEMBERS
from tests.bad_inputs.rows import BadInput

BAD_INPUTS: dict[str, BadInput] = {
    f"{row.door.name.lower()}: {row.name}": row for row in [*BODIES, *MEMBERS, *IN_TOPIC]
}
