# shellcheck shell=bash disable=SC2154 # the variables are those of deploy.sh
# How deploy.sh speaks. Sourced by it.

# Ends with one sentence. Exit code 1 for a no, 2 for wrong use.
die() {
  printf 'deploy: %s\n' "$1" >&2
  exit "${2:-1}"
}

step() { printf '== %s\n' "$1"; }

# A command as it can be typed.
shown() {
  local word text=''
  for word in "$@"; do
    case $word in
      '' | *[!A-Za-z0-9_./:=,@%+-]*) text="$text '$(printf '%s' "$word" | sed "s/'/'\\\\''/g")'" ;;
      *) text="$text $word" ;;
    esac
  done
  printf '%s' "${text# }"
}

# ask <stand-in> <command…>: what a question to Azure answers. A dry run prints the command, and answers the stand-in.
ask() {
  local stand_in=$1
  shift
  if $dry_run; then
    printf '%s\n' "$(shown "$@")" >&3
    if [ -n "$stand_in" ]; then printf '%s\n' "$stand_in"; fi
    return
  fi
  # Windows ends lines in another way.
  "$@" | tr -d '\r'
}

# A variable that the parameter files read.
give() {
  export "$1=$2"
  if $dry_run; then printf 'export %s\n' "$(shown "$1=$2")" >&3; fi
}

# Asks before something is changed.
confirm() {
  local answer=''
  if $yes || $dry_run; then return; fi
  printf '%s [y/N] ' "$1"
  read -r answer || true
  case $answer in
    [yY]*) ;;
    *) die "Nothing was changed by this step. To go on: $again" ;;
  esac
}
