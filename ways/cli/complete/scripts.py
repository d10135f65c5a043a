"""The scripts that teach a shell to complete. Each hands over the line up to the cursor, and knows the kinds of answers."""

from __future__ import annotations

from collections.abc import Mapping

_BASH = r"""_ways_complete() {
    local kind value
    COMPREPLY=()
    while IFS=, read -r kind value; do
        case $kind in
            file) type compopt &>/dev/null && compopt -o default; return ;;
            open) type compopt &>/dev/null && compopt -o nospace; COMPREPLY+=("$value") ;;
            *) COMPREPLY+=("$value") ;;
        esac
    done < <(_WAYS_COMPLETE=bash_complete _WAYS_LINE="${COMP_LINE:0:COMP_POINT}" _WAYS_BREAKS="$COMP_WORDBREAKS" \
        "${1/#\~/$HOME}" 2>/dev/null)
}
complete -o nosort -F _ways_complete ways 2>/dev/null || complete -F _ways_complete ways
"""

_ZSH = r"""#compdef ways
_ways() {
    local kind value told
    local -a closed closed_told open open_told
    while IFS= read -r kind && IFS= read -r value && IFS= read -r told; do
        case $kind in
            file) _files; return ;;
            open) open+=("$value"); open_told+=("$value") ;;
            *) closed+=("$value"); closed_told+=("$value${told:+  -- $told}") ;;
        esac
    done < <(_WAYS_COMPLETE=zsh_complete _WAYS_LINE="${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX" "${(e)~words[1]}" 2>/dev/null)
    (( $#closed )) && compadd -V ways -d closed_told -a closed
    (( $#open )) && compadd -V ways -S '' -d open_told -a open
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _ways "$@"
else
    compdef _ways ways
fi
"""

_FISH = r"""function __ways_complete
    set -lx _WAYS_COMPLETE fish_complete
    set -lx _WAYS_LINE (commandline -cp | string collect)
    set -l program (commandline -opc)[1]
    for line in ($program 2>/dev/null)
        set -l parts (string split -m 1 , -- $line)
        if test "$parts[1]" = file
            __fish_complete_path (commandline -ct)
        else
            printf '%s\n' $parts[2]
        end
    end
end
complete --command ways --no-files --arguments '(__ways_complete)'
"""

#: Shell -> its script.
SCRIPTS: Mapping[str, str] = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
