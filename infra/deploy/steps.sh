# shellcheck shell=bash disable=SC2154 # the variables are those of deploy.sh
# What deploy.sh does, one function a step. All of it can be done again.

MANAGED_IDENTITY_TRIES=4
WAIT_SECONDS=30
HEALTH_TRIES=20

# attempt <what> <command…>: runs it; explains and ends when it fails.
attempt() {
  local what=$1 problem
  shift
  if $dry_run; then
    printf '%s\n' "$(shown "$@")" >&3
    return
  fi
  if ! problem=$({ "$@" > /dev/null; } 2>&1); then explain "$what" "$problem"; fi
}

# Says in a sentence why a step failed. What Azure says itself comes first.
explain() {
  printf '%s\n' "$2" >&2
  case $2 in
    *'deleted state'*) die "A vault of that name is deleted, and keeps its name: az keyvault list-deleted --resource-type vault, then az keyvault recover --name <its name>, then $again" ;;
    *DeploymentActive*) die "An earlier run of the step $1 has not ended in Azure yet: wait some minutes, then $again" ;;
    *RequestDisallowedByPolicy*) die "A policy of your organisation forbids it (step $1): az policy assignment list --output table; ask for an exemption, then $again" ;;
    *AuthorizationFailed*) die "You lack a right for the step $1: let an owner run az role assignment create --assignee $user_name --role Owner --scope /subscriptions/$subscription, then $again" ;;
    *) die "The step $1 failed, and nothing needs to be undone: mend what Azure names above, then $again" ;;
  esac
}

preview_and_deploy() {
  local what=$1 file=$2 name
  name="outrider-$what-$environment-$location"
  step "$what: what would change"
  ask '' az deployment sub what-if --name "$name" --location "$location" --parameters "$file" ||
    die "Azure does not take the step $what: mend what it names above, then $again"
  confirm "Deploy this ($what)?"
  printf 'It takes some minutes.\n'
  attempt "$what" az deployment sub create --name "$name" --location "$location" --parameters "$file" --output none
}

bootstrap() {
  give AZURE_ENV_NAME "$environment"
  give AZURE_LOCATION "$location"
  preview_and_deploy bootstrap "$here/bootstrap.bicepparam"
  find_bootstrap
}

# What bootstrap made, from Azure: unless it was handed over.
find_bootstrap() {
  local found outputs=properties.outputs
  if [ -n "$name_prefix" ]; then return; fi
  found=$(ask '<resource group>|<prefix>|<federation identity>|<caller identity>|<callback>' \
    az deployment sub show --name "outrider-bootstrap-$environment-$location" \
    --query "join('|', [$outputs.resourceGroupName.value, $outputs.namePrefix.value, $outputs.federationPrincipalId.value, $outputs.callerPrincipalId.value, $outputs.onboardingCallbackUrl.value])" \
    --output tsv) || die "The step bootstrap is not done, or you may not see it: let the owner of the subscription run infra/deploy.sh --environment $environment --location $location --skip-entra"
  IFS='|' read -r resource_group name_prefix federation_principal_id caller_principal_id callback_url <<< "$found"
}

deploy_entra() {
  local tries=1 problem=''
  step 'Entra ID: app registrations, permissions, consent (Entra ID knows no what-if)'
  printf 'App registrations %s-(%s) as in infra/sizes/%s.entra.bicepparam\n' "$name_prefix" "$(app_parts | tr ' ' '|')" "$size"
  # A deployment is kept in the resource group; who owns the subscription has been asked already.
  if ! $azure; then
    check_rights_at "/subscriptions/$subscription/resourceGroups/$resource_group" Contributor Microsoft.Resources/deployments/write
  fi
  check_deleted_apps
  give OUTRIDER_NAME_PREFIX "$name_prefix"
  give OUTRIDER_FEDERATION_PRINCIPAL_ID "$federation_principal_id"
  give OUTRIDER_CALLER_PRINCIPAL_ID "$caller_principal_id"
  give OUTRIDER_ONBOARDING_CALLBACK_URL "$callback_url"
  if [ -n "$operator" ]; then give OUTRIDER_OPERATOR_PRINCIPAL_ID "$operator"; fi
  confirm 'Deploy this (Entra ID)?'
  while ! problem=$(ask '' az deployment group create --name outrider-entra --resource-group "$resource_group" \
    --parameters "$here/sizes/$size.entra.bicepparam" --output none 2>&1); do
    case $problem in
      # A new identity takes a while to be known everywhere in Entra ID.
      *'valid reference update'* | *'queried reference-property objects'*)
        if ((tries >= MANAGED_IDENTITY_TRIES)); then explain entra "$problem"; fi
        tries=$((tries + 1))
        printf 'Entra ID does not know the new identities yet; again in %s seconds.\n' "$WAIT_SECONDS"
        sleep "$WAIT_SECONDS"
        ;;
      # A second run may be told that grants are there. Whether all are is looked at in the end.
      *'entry already exists'* | *'assigned already exists'*) break ;;
      *'property uniqueName already exists'*)
        printf '%s\n' "$problem" >&2
        die "A deleted app registration keeps a name that begins with $name_prefix: az rest --method GET --url $graph/v1.0/directory/deletedItems/microsoft.graph.application lists it, az rest --method DELETE --url $graph/v1.0/directory/deletedItems/<its id> frees the name, then $again"
        ;;
      *CannotDeleteOrUpdateEnabledEntitlement*)
        printf '%s\n' "$problem" >&2
        die "An app role that is taken away must be disabled first: az ad app update --id <api app id> --app-roles @roles.json, as docs/operations.md shows (Taking a permission back), then $again"
        ;;
      *'Insufficient privileges'* | *Authorization_RequestDenied*)
        printf '%s\n' "$problem" >&2
        die "$user_name lacks a right in Entra ID: be Privileged Role Administrator of directory $directory, then $again"
        ;;
      *) explain entra "$problem" ;;
    esac
  done
  find_apps
}

# What was deleted keeps its unique name for 30 days. A directory that cannot be asked says so when the name is wanted.
check_deleted_apps() {
  local part id
  for part in $(app_parts); do
    id=$(ask '' az rest --method GET --headers ConsistencyLevel=eventual \
      --url "$graph/v1.0/directory/deletedItems/microsoft.graph.application?\$filter=uniqueName eq '$name_prefix-$part'&\$count=true&\$select=id" \
      --query 'value[0].id' --output tsv 2> /dev/null) || return 0
    if [ -n "$id" ] && [ "$id" != None ]; then
      die "The app registration $name_prefix-$part is left from an earlier deployment, deleted: az rest --method DELETE --url $graph/v1.0/directory/deletedItems/$id"
    fi
  done
}

# No people's sign-in in size locked-down.
app_parts() { if [ "$size" = locked-down ]; then printf 'client api'; else printf 'client api cli'; fi; }

app_id_of() {
  ask "<$1 app>" az rest --method GET --url "$graph/v1.0/applications(uniqueName='$name_prefix-$1')?\$select=appId" \
    --query appId --output tsv
}

find_apps() {
  api_app_id=$(app_id_of api) || die "The app registration $name_prefix-api is not there: $again"
  client_app_id=$(app_id_of client) || die "The app registration $name_prefix-client is not there: $again"
  if [ "$size" != locked-down ]; then
    cli_app_id=$(app_id_of cli) || die "The app registration $name_prefix-cli is not there: $again"
  fi
}

hand_over_ids() {
  local ids="--skip-entra --api-app-id $api_app_id --client-app-id $client_app_id" file="outrider-$environment.ids"
  if [ -n "$cli_app_id" ]; then ids="$ids --cli-app-id $cli_app_id"; fi
  check_consent
  if ! $dry_run; then printf '%s\n' "$ids" > "$file"; fi
  step "Hand this over to the owner of the subscription (also in $file):"
  printf 'infra/deploy.sh --environment %s --location %s --size %s %s\n' "$environment" "$location" "$size" "$ids"
}

hand_over_to_admin() {
  local more=''
  if [ -n "$callback_url" ]; then more=" --onboarding-callback-url $callback_url"; fi
  if [ -n "$operator" ]; then more="$more --operator $operator"; fi
  step 'Let the Entra administrator keep a deployment in the resource group:'
  printf 'az role assignment create --role Contributor --assignee <administrator> --scope /subscriptions/%s/resourceGroups/%s\n' \
    "$subscription" "$resource_group"
  step 'Hand this over to the Entra administrator:'
  printf 'az login --tenant %s\naz account set --subscription %s\n' "$directory" "$subscription"
  printf 'infra/deploy.sh --entra-only --environment %s --location %s --size %s --resource-group %s --name-prefix %s --federation-principal-id %s --caller-principal-id %s%s\n' \
    "$environment" "$location" "$size" "$resource_group" "$name_prefix" "$federation_principal_id" "$caller_principal_id" "$more"
}

# For main.parameters.json, and for outrider doctor.
hand_over_to_azd() {
  local pair
  for pair in "OUTRIDER_API_CLIENT_ID $api_app_id" "OUTRIDER_GRAPH_CLIENT_ID $client_app_id" \
    "OUTRIDER_CLI_CLIENT_ID $cli_app_id" "OUTRIDER_API_TENANT_ID $directory" "AZURE_TENANT_ID $directory"; do
    ask '' azd env set "${pair%% *}" "${pair#* }" || die "azd does not take what it needs: azd env select $environment"
  done
  check_consent
}

# Whoever the last run named is told of alerts until somebody else is.
keep_alert_email() {
  if [ -n "$alert_email" ]; then return; fi
  alert_email=$(ask '' az deployment sub show --name "outrider-main-$environment-$location" \
    --query "properties.parameters.alertEmails.value[0] || ''" --output tsv 2> /dev/null) || alert_email=''
}

deploy_main() {
  local found
  give OUTRIDER_API_CLIENT_ID "$api_app_id"
  give OUTRIDER_GRAPH_CLIENT_ID "$client_app_id"
  give OUTRIDER_CLI_CLIENT_ID "$cli_app_id"
  keep_alert_email
  give OUTRIDER_ALERT_EMAIL "$alert_email"
  preview_and_deploy main "$here/sizes/$size.main.bicepparam"
  found=$(ask '<function app>|https://<function app>.azurewebsites.net' az deployment sub show --name "outrider-main-$environment-$location" \
    --query "join('|', [properties.outputs.functionAppName.value, properties.outputs.url.value])" --output tsv) ||
    die "The step main left nothing behind: $again"
  IFS='|' read -r function_app url <<< "$found"
}

# For Flex Consumption this command is One Deploy, by the signed-in person's token: publishing passwords are off.
publish() {
  step "publish: $package"
  if [ "$size" = locked-down ]; then printf 'This needs a machine inside the network of the app.\n'; fi
  attempt publish az functionapp deployment source config-zip --resource-group "$resource_group" --name "$function_app" \
    --src "$package" --output none
}

# The app's own word, with no token; it takes a while to start for the first time.
check_app() {
  local tries=1 status
  step "check: $url/api/health"
  while true; do
    status=$(ask ok az rest --method GET --skip-authorization-header --url "$url/api/health" --query status --output tsv 2> /dev/null) || status=none
    if [ "$status" = ok ]; then break; fi
    if ((tries >= HEALTH_TRIES)); then
      die "The app is published and does not say that it is well: npx outrider login, then npx outrider doctor --url $url says why."
    fi
    tries=$((tries + 1))
    sleep "$WAIT_SECONDS"
  done
  printf 'Outrider runs at %s\nProve it from inside as well:\n' "$url"
  printf '  export OUTRIDER_API_CLIENT_ID=%s OUTRIDER_API_TENANT_ID=%s OUTRIDER_CLI_CLIENT_ID=%s\n' "$api_app_id" "$directory" "$cli_app_id"
  printf '  npx outrider login && npx outrider doctor --url %s\n' "$url"
  if [ -z "$operator" ]; then
    printf 'Only whoever --operator has named, in this run or an earlier one, is let in; your own object id: az ad signed-in-user show --query id --output tsv\n'
  fi
}

# Asked for in Entra ID, and granted? Who may not see that is not told.
check_consent() {
  local asked granted role count=0 missing=0
  asked=$(ask '<role>' az rest --method GET --url "$graph/v1.0/applications(appId='$client_app_id')?\$select=requiredResourceAccess" \
    --query "requiredResourceAccess[].resourceAccess[] | [?type=='Role'].id" --output tsv 2> /dev/null) || return 0
  granted=$(ask '<role>' az rest --method GET --url "$graph/v1.0/servicePrincipals(appId='$client_app_id')/appRoleAssignments?\$select=appRoleId" \
    --query 'value[].appRoleId' --output tsv 2> /dev/null) || return 0
  for role in $asked; do
    count=$((count + 1))
    case $granted in *"$role"*) ;; *) missing=$((missing + 1)) ;; esac
  done
  if ((missing > 0)); then
    printf 'Consent is missing for %s of %s permissions, so not everything can be read: az ad app permission admin-consent --id %s\n' \
      "$missing" "$count" "$client_app_id"
  fi
}
