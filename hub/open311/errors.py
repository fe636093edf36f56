"""What a caller of Open311 is told."""


class GeoReportError(Exception):
    """``status`` is the HTTP status and the code in the array of errors."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
