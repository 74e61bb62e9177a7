# zsh completion for earmark. `earmark completions zsh` prints it, with a function for each command before it.

# Names that earmark knows now, from its index or its models, whatever the case of their letters.
_earmark_list() {
    local -a names
    names=("${(@f)$("$earmark_program" completions --list $1 2>/dev/null)}")
    _wanted names expl $1 compadd -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}' -a names
}

_earmark_genres() { _earmark_list genres }
_earmark_artists() { _earmark_list artists }
_earmark_tags() { _earmark_list tags }
_earmark_models() { _alternative 'models:model:{_earmark_list models}' 'files:model file:_files' }

_earmark_start() {
    local earmark_program=${(Q)words[1]/#\~/$HOME}
    _earmark_program
}

# Read from a folder of functions, the file is the function; sourced, it names it.
if [[ $funcstack[1] == _earmark ]]; then
    _earmark_start "$@"
else
    _earmark() { _earmark_start "$@" }
    compdef _earmark earmark
fi
