# shellcheck shell=bash
# bash completion for earmark. `earmark completions bash` prints it, with three functions of tables before it:
#   _earmark_find_command COMMAND WORD   sets `command` where WORD is a sub-command of COMMAND
#   _earmark_offer_value COMMAND OPTION  offers values of an option; fails when it takes none
#   _earmark_offer_word COMMAND          offers options, sub-commands, and values that stand alone

_earmark_add() {
    local each
    while IFS= read -r each; do COMPREPLY+=("$each"); done
}

_earmark_offer() {
    _earmark_add < <(compgen -W "$1" -- "$word")
}

_earmark_files() {
    compopt -o filenames 2>/dev/null
    _earmark_add < <(compgen -f -- "$word")
}

_earmark_folders() {
    compopt -o filenames 2>/dev/null
    _earmark_add < <(compgen -d -- "$word")
}

# Names that earmark knows now, from its index or its models, whatever the case of their letters.
_earmark_list() {
    local each begun="$word" quoted=0
    if [[ $begun == [\"\']* ]]; then
        begun="${begun:1}"
        quoted=1
    else
        begun="${begun//\\/}"
    fi
    while IFS= read -r each; do
        [[ ${each,,} == "${begun,,}"* ]] || continue
        ((quoted)) || printf -v each '%q' "$each"
        COMPREPLY+=("$each")
    done < <("${COMP_WORDS[0]/#\~/$HOME}" completions --list "$1" 2>/dev/null)
}

_earmark() {
    local word="${COMP_WORDS[COMP_CWORD]}" previous="" command="" index
    COMPREPLY=()
    ((COMP_CWORD > 0)) && previous="${COMP_WORDS[COMP_CWORD - 1]}"
    # --option=value are three words.
    if [[ $word == "=" ]]; then
        word=""
    elif [[ $previous == "=" ]]; then
        previous="${COMP_WORDS[COMP_CWORD - 2]}"
    fi
    for ((index = 1; index < COMP_CWORD; ++index)); do
        if [[ ${COMP_WORDS[index]} == --settings ]]; then
            [[ ${COMP_WORDS[index + 1]} == "=" ]] && ((++index))
            ((++index))
        else
            _earmark_find_command "$command" "${COMP_WORDS[index]}"
        fi
    done
    _earmark_offer_value "$command" "$previous" || _earmark_offer_word "$command"
}

complete -F _earmark earmark
