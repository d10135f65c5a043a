"""The code of each kind of finding: how bad it is, what it means, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ways.check.findings import FindingLevel


class Code(NamedTuple):
    """One kind of finding."""

    #: How bad it is at its worst.
    level: FindingLevel
    meaning: str
    remedy: str


FINDING_CODES: Mapping[str, Code] = {
    # What a load finds.
    "syntax": Code("error", "The sheet isn't valid YAML, JSON, TOML or Python.", "Fix the line that the message names."),
    "encoding": Code("error", "The sheet has bytes that aren't text.", "Save it as UTF-8."),
    "unreadable": Code("error", "The file can't be read.", "Check its permissions, or where its link points."),
    "owner": Code(
        "warning",
        "Ways skipped an info file or a configuration folder, because another user could have put it there.",
        "Remove other users' write permission, or name its owner in WAYS_OWNERS.",
    ),
    "format": Code("error", "No sheet format has this file ending.", "Rename the file."),
    "sheets-below": Code(
        "warning", "A folder has no sheets, but folders below it do.", "Name the folder below, or write `recursive: true`."
    ),
    "python": Code("error", "A Python sheet raised an error.", "Fix the line that the message names."),
    "not-run": Code(
        "note", "Ways would have to run code to see what this contains, so it was not checked.", "Write plain data, or check it yourself."
    ),
    "descriptor": Code("error", "Nothing can be loaded from a search path.", "Check that it exists."),
    "too-many-sheets": Code(
        "error",
        "Too many sheets name each other, or they name each other too deeply.",
        "Let fewer sheets name others; the message has the limits.",
    ),
    "limit": Code("error", "Something exceeds a limit.", "Make it smaller, or raise the limit that the message names."),
    "settings": Code("error", "A WAYS_* variable has a value that can't be used.", "Write what the message expects."),
    "archive-member": Code("error", "An archive contains a link, a device, or the same name twice.", "Pack plain files, each once."),
    "missing-key": Code("error", "A plugin has no hierarchy, or a sheet has no plugins.", "Add the key."),
    "type": Code("error", "A key has a value of the wrong type.", "Write what the message expects."),
    "misread-number": Code("warning", "YAML reads a value without quotes as another number: 010 is 8.", "Put it in quotes."),
    "duplicate-key": Code("error", "A key occurs twice; Ways uses the last one.", "Remove or rename one; the message names both lines."),
    "unknown-key": Code("warning", "There is no such key, so it has no effect.", "Correct the key, or put it under `data`."),
    "token-language": Code(
        "error", "A mapping or a token contradicts itself: brackets, formats, choices or a default.", "Fix what the message points at."
    ),
    "variants": Code("error", "Plugins with `when` make too many variants of a place.", "Use fewer tokens in the conditions."),
    "duplicate-uses": Code("error", "A plugin names a parent twice.", "Remove one."),
    "duplicate-uuid": Code(
        "error",
        "Another plugin has this uuid, or another file of the same system declares this name; a warning if a plugin of the same name has "
        "the uuid, at another place.",
        "Give each plugin its own uuid, or none.",
    ),
    "uses-itself": Code(
        "warning", "A plugin uses its own hierarchy, and so adds nothing.", "Write `{root}` as its hierarchy, or name another parent."
    ),
    "plugin": Code("error", "A plugin made in Python raises an error.", "Fix its code."),
    "unknown-finding": Code(
        "warning", "The `check` block of an info file ignores a code that doesn't exist.", "Correct the code, or remove it."
    ),
    # Relatives and platforms.
    "illegal-hierarchy": Code(
        "error",
        "A hierarchy is empty, has a character that isn't allowed, or has too many parts.",
        "Use letters, digits, `_`, `-` and spaces, and `/` between the parts.",
    ),
    "unknown-parent": Code("error", "A relative plugin uses a place that has no plugin.", "Name a place that exists."),
    "unmatched-uses": Code(
        "warning", "A `*` in `uses` matches no place, so the plugin adds nothing.", "Add such a place, or correct the name."
    ),
    "circle": Code("error", "Plugins or tokens refer to each other in a circle.", "Make one of them independent of the others."),
    "root-without-uses": Code("error", "`{root}` stands for a parent, but the plugin uses none.", "Name the parent: `uses: [PLACE]`."),
    "doubled-place": Code(
        "warning",
        "A relative plugin repeats its parent's hierarchy, so that its place has it twice, as in `show/show/task`.",
        "Write `{root}` for the parent.",
    ),
    "doubled-separator": Code(
        "warning",
        "A mapping has two separators in a row: the parent's ends with one, and the added part begins with one.",
        "Leave out one of them.",
    ),
    "missing-separator": Code(
        "warning",
        "There is no separator between the parent's mapping and the added part, as in `/p/{SHOW}tasks`.",
        "Write one after `{root}`.",
    ),
    "absolute-parent": Code(
        "warning", "There is text before `{root}`, but the parent's mapping is absolute.", "Begin the mapping with `{root}`."
    ),
    "trailing-separator": Code(
        "warning",
        "A mapping ends with a separator, and no other builds on it, so texts without the separator don't fit; a note without `path: "
        "true`.",
        "Leave the separator out.",
    ),
    "unresolved-parent": Code(
        "error",
        "A parent has no mapping on any platform; a warning if it lacks one only on some.",
        "Give it one there, or limit the plugin to other platforms with `platforms`.",
    ),
    "unknown-platform": Code(
        "error",
        "A plugin or WAYS_PLATFORM names an unknown platform; a warning if a plugin's is similar to no known one.",
        "Correct it, or add it to WAYS_PLATFORMS.",
    ),
    # Layers.
    "unreachable-assignment": Code(
        "warning", "A layer has no priority, probably by mistake.", "Correct its name, or add it to WAYS_PRIORITY."
    ),
    "unknown-layer": Code(
        "error",
        "WAYS_PRIORITY names a layer that no plugin has; a warning if it is similar to none of them.",
        "Correct the name, or separate layers as in PATH.",
    ),
    "overridden-plugin": Code("warning", "Later plugins of the same place and layer replace everything in this plugin.", "Remove it."),
    "replaced-mapping": Code(
        "warning",
        "A later plugin of the same place and layer replaces this plugin's mapping.",
        "Remove one, or give them a different `assignment`, `platforms` or `when`.",
    ),
    "not-strict": Code(
        "warning",
        "A plugin in syntax 1 writes the end of a strict place's mapping; a note if only its parent is strict.",
        "Write `syntax: 2` in its sheet too.",
    ),
    # Tokens.
    "unused-details": Code(
        "warning", "A token has details, but no mapping here or below has the token.", "Correct its name, or remove the details."
    ),
    "undescribed-token": Code(
        "warning",
        "A token has no details, and is the only token of its mapping, or its name is similar to another's.",
        "Correct its name, or add details.",
    ),
    "adjacent-tokens": Code(
        "warning", "Two tokens without an expression are next to each other.", "Give one an expression, or put text between them."
    ),
    "stray-brace": Code(
        "error", "A brace in a mapping is literal text: it has no partner, or nothing in it.", "Write a token as {NAME}."
    ),
    "control-character": Code(
        "error",
        'A mapping has a line break or another control character, as "C:\\new" has in double quotes.',
        "Use single quotes, or double the backslash.",
    ),
    "token-name": Code("error", "A token's name has spaces around it; a warning if they are inside it.", "Write {NAME}."),
    "unknown-reference": Code(
        "warning",
        "A token with an `@` refers to nothing, so it is an ordinary token of that name.",
        "Refer to a token with a mapping, or to a place.",
    ),
    "misplaced-key": Code("warning", "An engine is next to `parse` instead of under it, and has no effect.", "Put it under `parse`."),
    "foreign-key": Code(
        "warning",
        "A key of tk-core is among the details of a token, where it has no effect; only in syntax 2.",
        "Write what the help suggests. If your own tools read the key, ignore the code.",
    ),
    "foreign-reference": Code(
        "warning",
        "A mapping begins with `@name`, as in tk-core, which is literal text here; only in syntax 2.",
        "Write `{@name}`, or `{root}` with `uses`.",
    ),
    "choice-label": Code(
        "note",
        "The text of a choice has spaces, and its value is a plain word: the text is probably meant as a label.",
        "Write `{text: ma, label: Maya Ascii}`, or ignore the code if the text stands in the path.",
    ),
    "unknown-engine": Code("warning", "A key of `parse` is not an engine, but its name is similar to one.", "Correct its name."),
    "impossible-condition": Code("error", "A `when` requires a value that its token can't have.", "Correct the value, or the token."),
    "openassetio": Code(
        "error",
        "The block `openassetio` names a token that the mapping doesn't have, or that can't count; a warning if hosts may publish to a "
        "place that is no file path, and so can't.",
        "Name a token of the mapping, or write `path: true`.",
    ),
    # Expressions.
    "bad-expression": Code("error", "A regex isn't valid.", "Fix it where the caret points."),
    "empty-expression": Code("error", "Nothing fits a regex; a warning if the empty text fits it.", "Write one that fits your texts."),
    "empty-alternative": Code("warning", "A regex has an empty alternative.", "Remove the bar, or write the missing alternative."),
    "crossing-expression": Code(
        "warning",
        "A regex can match the separator of its mapping; a note if it names the separator.",
        "Exclude the separator: [^/] for any character.",
    ),
    "slow-expression": Code(
        "error",
        "A regex can take exponential time to reject a text; a warning if the time grows with the third power of its length or more, or "
        "can't be determined.",
        "Don't repeat the same characters in adjacent or nested repeats.",
    ),
    # Mappings.
    "contradiction": Code("error", "A token's regex fits nothing that its own mapping writes.", "Make the two agree."),
    "misread-mapping": Code(
        "warning",
        "A mapping reads some texts back with other values than it wrote.",
        "Separate the tokens by text that none of them can contain.",
    ),
    "overlap": Code(
        "error",
        "A text fits two Contexts, and nothing decides between them; a warning if their layers have no priority.",
        "Give one more literal text, or tokens with expressions that the other's texts don't fit.",
    ),
    "outranked-overlap": Code("note", "A text fits two Contexts, and one of them wins.", "Check that it is the one you want."),
    "undecided-overlap": Code(
        "note", "Ways can't determine whether a text fits two Contexts.", "Write expressions without look-arounds and backreferences."
    ),
    "syntax-2": Code(
        "error",
        "A mapping means something else in `syntax: 2`: a note; with `--as-syntax 2`, a warning, or an error if it can't be read.",
        "Double its brackets before you change the syntax.",
    ),
    "becomes-strict": Code(
        "note",
        "With `syntax: 2`, which `--as-syntax 2` tries, Ways checks the values and texts of this place.",
        "Give its tokens expressions, types or choices that its paths fit.",
    ),
}
