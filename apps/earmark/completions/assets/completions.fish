# fish completion for earmark. `earmark completions fish` prints it, with a function of tables before it:
#   __earmark_find_command COMMAND WORD   prints the command that WORD, a sub-command of COMMAND, names

# The command and sub-command that stand before the cursor.
function __earmark_command
    set -l words (commandline -opc)
    set -e words[1]
    set -l found
    set -l skip 0
    for word in $words
        if test $skip -eq 1
            set skip 0
            continue
        end
        if test "$word" = --settings
            set skip 1
            continue
        end
        set -l next (__earmark_find_command "$found" "$word")
        if test -n "$next"
            set found $next
        end
    end
    echo $found
end

function __earmark_at
    test (__earmark_command) = "$argv"
end

# Names that earmark knows now, from its index or its models.
function __earmark_list
    set -l words (commandline -opc)
    command $words[1] completions --list $argv[1] 2>/dev/null
end

complete -c earmark -f
