# Templates of lucidity, to be imported: docs/howto/come-from-other-templates.rst.
from lucidity import Template


def register():
    """Return the templates."""
    resolver = {}
    both = {"anchor": Template.ANCHOR_BOTH, "duplicate_placeholder_mode": Template.STRICT}
    job = Template("job", "/jobs/{job.code:[a-z]+}", anchor=Template.ANCHOR_BOTH)
    resolver["job"] = job
    shot = Template("shot", r"{@job}/shots/{scene.code:[a-z]+}_{shot.code:\d+}", anchor=Template.ANCHOR_BOTH, template_resolver=resolver)
    work = Template("work", r"{@job}/work/{name}.v{version:\d\{3\}}.ma", template_resolver=resolver)
    return [job, shot, work, *(Template(f"cache_{kind}", "{@job}/" + kind + "/{name}", **both) for kind in ("abc", "usd"))]
