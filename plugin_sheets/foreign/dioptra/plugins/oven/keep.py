"""What is kept of a loaf."""

from dioptra.sdk.api.artifact import ArtifactTaskInterface


class Label(ArtifactTaskInterface):
    @staticmethod
    def serialize(working_dir, name, contents, width=80, **kwargs):
        target = working_dir / f"{name}.txt"
        target.write_text(str(contents)[:width])
        return target

    @staticmethod
    def deserialize(working_dir, path, **kwargs):
        return (working_dir / path).read_text()

    @staticmethod
    def validation():
        return {"width": {"type": "integer"}}
