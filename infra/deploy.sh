#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# From an empty subscription to a running Outrider, with the Azure CLI alone. docs/deploy.md says who needs which role.
# Run it again after a failure, or to upgrade: every step finds what is there already in Azure and Entra ID.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
# What is dry in a dry run, prints to 3: standard output of a question is its answer.
exec 3>&1
# shellcheck source=deploy/say.sh
. "$here/deploy/say.sh"
# shellcheck source=deploy/preflight.sh
. "$here/deploy/preflight.sh"
# shellcheck source=deploy/steps.sh
. "$here/deploy/steps.sh"

usage() {
  cat <<'USAGE'
Usage: infra/deploy.sh --environment <name> --location <region> [options]

  --size one|partner|locked   parameters of infra/sizes (default: one)
  --package <zip>             what is published (default: dist/outrider.zip, of npm run package)
  --operator <object id>      a person or group in Entra ID who runs Outrider: roles at its API (az ad signed-in-user show)
  --alert-email <address>     who is told of alerts (default: whoever the last run named)
  --yes                       do not ask before each step
  --dry-run                   print the commands; send nothing
  --azd                       called by azd (azure.yaml): stop before main.bicep, and leave the ids in azd's environment

Where the Entra administrator and the owner of the subscription are two people:
  --skip-entra                all but Entra ID; without ids: only what the administrator needs
  --entra-only                Entra ID alone; hands over three ids, on the screen and in outrider-<name>.ids
  --api-app-id <id> --client-app-id <id> --cli-app-id <id>            what was handed over (with --skip-entra)
  --resource-group <name> --name-prefix <text> --federation-principal-id <id> --caller-principal-id <id>
  --onboarding-callback-url <url>                                     what was handed over (with --entra-only)

Example: infra/deploy.sh --environment prod --location westeurope
USAGE
}

environment='' location='' size=one package="$root/dist/outrider.zip"
yes=false dry_run=false entra=true azure=true azd=false
operator=${OUTRIDER_OPERATOR_PRINCIPAL_ID:-} alert_email=${OUTRIDER_ALERT_EMAIL:-}
api_app_id='' client_app_id='' cli_app_id=''
resource_group='' name_prefix='' federation_principal_id='' caller_principal_id='' callback_url=''
again='' empty_option=''

read_arguments() {
  local option
  again="infra/deploy.sh $(shown "$@")"
  while (($# > 0)); do
    option=$1
    shift
    case $option in
      --help | -h) usage && exit 0 ;;
      --yes) yes=true && continue ;;
      --dry-run) dry_run=true && continue ;;
      --azd) azd=true && continue ;;
      --skip-entra) entra=false && continue ;;
      --entra-only) azure=false && continue ;;
    esac
    if (($# == 0)) || [[ $1 == --* ]]; then die "$option needs a value, or is none of: infra/deploy.sh --help." 2; fi
    # What a command or a variable should have given, and did not.
    case $option=$1 in --operator= | --api-app-id= | --client-app-id=) empty_option=$option ;; esac
    case $option in
      --environment) environment=$1 ;;
      --location) location=$(printf '%s' "$1" | LC_ALL=C tr '[:upper:]' '[:lower:]' | tr -d ' ') ;;
      --size) size=$1 ;;
      --package) package=$1 ;;
      --operator) operator=$1 ;;
      --alert-email) alert_email=$1 ;;
      --api-app-id) api_app_id=$1 ;;
      --client-app-id) client_app_id=$1 ;;
      --cli-app-id) cli_app_id=$1 ;;
      --resource-group) resource_group=$1 ;;
      --name-prefix) name_prefix=$1 ;;
      --federation-principal-id) federation_principal_id=$1 ;;
      --caller-principal-id) caller_principal_id=$1 ;;
      --onboarding-callback-url) callback_url=$1 ;;
      *) die "There is no option $option: infra/deploy.sh --help lists them." 2 ;;
    esac
    shift
  done
  # azd calls this script, and goes on itself afterwards.
  if $azd; then again='azd up'; fi
}

check_arguments() {
  check_environment
  check_location
  case $size in
    one | one-tenant) size=one-tenant ;;
    partner) ;;
    locked | locked-down) size=locked-down ;;
    *) die "There is no size $size: use --size one, partner or locked." 2 ;;
  esac
  if ! $entra && ! $azure; then die 'Nothing is left with both: give --skip-entra or --entra-only.' 2; fi
  check_handed_over
  if ! $dry_run && ! $yes && ! [ -t 0 ]; then
    die "Nobody is there to be asked: look with --dry-run, then: $again --yes" 2
  fi
}

main() {
  read_arguments "$@"
  check_arguments
  preflight
  if $azure; then bootstrap; fi
  if $entra; then
    find_bootstrap
    deploy_entra
    if ! $azure; then
      hand_over_ids
      return
    fi
  elif [ -z "$api_app_id" ]; then
    hand_over_to_admin
    return
  fi
  if $azd; then
    hand_over_to_azd
    return
  fi
  deploy_main
  publish
  check_app
  check_consent
}

main "$@"
