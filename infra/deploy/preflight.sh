# shellcheck shell=bash disable=SC2154 # the variables are those of deploy.sh
# What can be known before anything is made. Each check ends with one sentence and the command that mends it.

AZ_OLDEST=2.60.0
# The first with the Microsoft Graph extension outside of preview.
BICEP_OLDEST=0.36.1

# The nearest name that every resource can be called after: a to z, digits, single hyphens, 24 at most.
fitting_name() {
  local name
  name=$(printf '%s' "$1" |
    LC_ALL=C sed -e 's/ä/ae/g;s/Ä/ae/g;s/ö/oe/g;s/Ö/oe/g;s/ü/ue/g;s/Ü/ue/g;s/ß/ss/g' |
    LC_ALL=C tr '[:upper:]' '[:lower:]' |
    LC_ALL=C sed -e 's/[^a-z0-9-]/-/g;s/--*/-/g;s/^[^a-z]*//' |
    LC_ALL=C cut -c1-24 |
    LC_ALL=C sed -e 's/-*$//')
  printf '%s' "${name:-prod}"
}

check_environment() {
  local fitting mend
  if [ -z "$environment" ]; then
    die 'Which environment? For example: infra/deploy.sh --environment prod --location westeurope' 2
  fi
  fitting=$(fitting_name "$environment")
  if [ "$environment" != "$fitting" ]; then
    mend=$(instead "azd env new $fitting" "use --environment $fitting")
    die "The name '$environment' does not fit (a letter first, then a to z, digits and single hyphens, 24 at most; upper case would collide with lower): $mend" 2
  fi
}

# What mends it: with azd (first), or by this script (second).
instead() { if $azd; then printf '%s' "$1"; else printf '%s' "$2"; fi; }

check_location() {
  if [ -z "$location" ]; then
    die 'Which region? Say --location; az functionapp list-flexconsumption-locations --output table lists those that can be.' 2
  fi
}

is_guid() { printf '%s' "$1" | grep -Eiq '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'; }

# An option that must be an id.
check_id() {
  if [ -n "$2" ] && ! is_guid "$2"; then die "$1 '$2' is no id: give what the other person's deploy.sh printed." 2; fi
}

check_handed_over() {
  case $empty_option in
    --operator) die '--operator is empty: az login, then az ad signed-in-user show --query id --output tsv' 2 ;;
    --*) die "$empty_option is empty: give all that infra/deploy.sh --entra-only printed." 2 ;;
  esac
  check_id --api-app-id "$api_app_id"
  check_id --client-app-id "$client_app_id"
  check_id --cli-app-id "$cli_app_id"
  check_id --operator "$operator"
  check_id --federation-principal-id "$federation_principal_id"
  check_id --caller-principal-id "$caller_principal_id"
  if $entra && [ -n "$api_app_id$client_app_id$cli_app_id" ]; then
    die "Ids are handed over to a run without Entra ID: $again --skip-entra" 2
  fi
  if [ -n "$api_app_id$client_app_id" ]; then
    if [ -z "$api_app_id" ] || [ -z "$client_app_id" ]; then
      die 'One of --api-app-id and --client-app-id is missing: give all that infra/deploy.sh --entra-only printed.' 2
    fi
    if [ -z "$cli_app_id" ] && [ "$size" != locked-down ]; then
      die '--cli-app-id is missing: give all that infra/deploy.sh --entra-only printed.' 2
    fi
  fi
  if $azure && [ -n "$name_prefix$resource_group$federation_principal_id$caller_principal_id$callback_url" ]; then
    die "What bootstrap made is handed over to a run of Entra ID alone: $again --entra-only" 2
  fi
  if [ -n "$name_prefix" ] && { [ -z "$resource_group" ] || [ -z "$federation_principal_id" ] || [ -z "$caller_principal_id" ]; }; then
    die 'One of --resource-group, --federation-principal-id and --caller-principal-id is missing: give all that infra/deploy.sh --skip-entra printed.' 2
  fi
}

preflight() {
  step 'Is everything there that is needed?'
  check_tools
  check_login
  if $azure; then
    check_package
    check_rights
    check_region
    check_storage
    check_same_environment
    check_network_provider
    check_deleted_vault
  fi
  if $entra; then
    check_entra_role
    check_graph_extension
  fi
}

# Is version $1 at least $2? By number, part by part.
is_at_least() {
  local have=$1 want=$2 a b i
  for i in 1 2 3; do
    a=$(printf '%s' "$have" | cut -d. -f"$i" | sed 's/[^0-9].*//')
    b=$(printf '%s' "$want" | cut -d. -f"$i")
    if ((10#${a:-0} != 10#$b)); then
      ((10#${a:-0} > 10#$b))
      return
    fi
  done
}

check_tools() {
  local version
  if ! $dry_run && ! command -v az > /dev/null; then
    die 'The Azure CLI is not on PATH: install it by https://learn.microsoft.com/cli/azure/install-azure-cli'
  fi
  version=$(ask "$AZ_OLDEST" az version --query '"azure-cli"' --output tsv) || die 'az does not run: az upgrade'
  is_at_least "$version" "$AZ_OLDEST" || die "The Azure CLI $version is too old ($AZ_OLDEST is needed): az upgrade"
  version=$(ask "$BICEP_OLDEST" az bicep version 2> /dev/null) || die 'The Bicep CLI is missing: az bicep install'
  version=$(printf '%s' "$version" | sed -n 's/^[^0-9]*\([0-9][0-9.]*\).*/\1/p' | head -n 1)
  is_at_least "$version" "$BICEP_OLDEST" || die "The Bicep CLI $version is too old ($BICEP_OLDEST is needed): az bicep upgrade"
}

check_login() {
  local account cloud
  account=$(ask '<subscription>|<directory>|user|AzureCloud|<you>' az account show \
    --query "join('|', [id, tenantId, user.type, environmentName, user.name])" --output tsv 2> /dev/null) ||
    die 'Nobody is signed in: az login'
  IFS='|' read -r subscription directory user_type cloud user_name <<< "$account"
  case $cloud in
    AzureUSGovernment) graph=https://graph.microsoft.us ;;
    *) graph=https://graph.microsoft.com ;;
  esac
  if $azd && ! $dry_run && [ "${AZURE_SUBSCRIPTION_ID:-$subscription}" != "$subscription" ]; then
    die "az and azd mean two subscriptions: az account set --subscription $AZURE_SUBSCRIPTION_ID"
  fi
  give AZURE_TENANT_ID "$directory"
  printf 'As %s in subscription %s of directory %s; another: az account set --subscription <id>\n' "$user_name" "$subscription" "$directory"
}

check_package() {
  # Without ids there is nothing to publish yet; azd makes its own package.
  if ! $azd && { $entra || [ -n "$api_app_id" ]; }; then
    if ! $dry_run && ! [ -f "$package" ]; then
      die "There is no package $package: npm ci && npm run package, or --package <zip>"
    fi
  fi
}

# Does one of the lists of actions ($2: a pattern each, as Azure writes them) have action $1?
matches_one() {
  local action patterns pattern
  action=$(printf '%s' "$1" | LC_ALL=C tr '[:upper:]' '[:lower:]')
  IFS=' ' read -ra patterns <<< "$(printf '%s' "$2" | LC_ALL=C tr '[:upper:]' '[:lower:]')"
  for pattern in ${patterns[@]+"${patterns[@]}"}; do
    # shellcheck disable=SC2254 # a pattern is meant
    case $action in $pattern) return 0 ;; esac
  done
  return 1
}

check_rights() {
  local wanted='Microsoft.Resources/deployments/write Microsoft.Resources/subscriptions/resourceGroups/write Microsoft.Authorization/roleAssignments/write'
  if [ "$size" != one-tenant ]; then wanted="$wanted Microsoft.Authorization/locks/write"; fi
  check_rights_at "/subscriptions/$subscription" Owner "$wanted"
}

# check_rights_at <scope> <role that has them> <actions>. The rights themselves, not names of roles: custom roles and groups count as well.
check_rights_at() {
  local scope=$1 role=$2 rows action given refused
  rows=$(ask '*|' az rest --method GET --url "$scope/providers/Microsoft.Authorization/permissions?api-version=2022-04-01" \
    --query "value[].join('|', [join(' ', actions), join(' ', notActions)])" --output tsv) ||
    die "Your rights at $scope cannot be read: az login --tenant $directory, and az account set --subscription <the right one>"
  for action in $3; do
    while IFS='|' read -r given refused; do
      if matches_one "$action" "$given" && ! matches_one "$action" "$refused"; then continue 2; fi
    done <<< "$rows"
    die "You lack the right $action at $scope: let an owner of it run az role assignment create --assignee $user_name --role $role --scope $scope"
  done
}

check_region() {
  local found
  found=$(ask 1 az functionapp list-flexconsumption-locations --query "length([?name=='$location'])" --output tsv) ||
    die 'The regions cannot be listed: az provider register --namespace Microsoft.Web --wait, or az upgrade'
  if [ "$found" = 0 ]; then
    die "The region $location has no Flex Consumption: choose one of az functionapp list-flexconsumption-locations --output table"
  fi
}

# Not every region has zones to copy the state to. Unknown is let pass: Azure would refuse it then.
check_storage() {
  local file="sizes/$size.main.bicepparam" sku regions mend
  sku=$(sed -n "s/^param storageSku = '\(.*\)'.*/\1/p" "$here/$file")
  regions=$(ask "$location" az rest --method GET --url "/subscriptions/$subscription/providers/Microsoft.Storage/skus?api-version=2023-05-01" \
    --query "value[?name=='$sku' && kind=='StorageV2'].locations[]" --output tsv) || return 0
  regions=$(printf '%s' "$regions" | LC_ALL=C tr '[:upper:]' '[:lower:]' | tr -d ' ')
  if [ -n "$regions" ] && ! printf '%s\n' "$regions" | grep -qx "$location"; then
    mend=$(instead "azd env set AZURE_LOCATION <another>, or storageSku Standard_LRS in infra/main.parameters.json" "use another --location, or storageSku = 'Standard_LRS' in infra/$file")
    die "The region $location has no storage of the kind $sku: $mend"
  fi
}

# Names are made of environment and region: the same environment elsewhere would be a second one beside it.
check_same_environment() {
  local other mend
  other=$(ask '' az group list --tag "azd-env-name=$environment" \
    --query "[?tags.application=='outrider' && location!='$location'] | [0].location" --output tsv) ||
    die "Resource groups cannot be listed: az role assignment create --assignee $user_name --role Reader --scope /subscriptions/$subscription"
  if [ -n "$other" ] && [ "$other" != None ]; then
    mend=$(instead "azd env set AZURE_LOCATION $other, or azd env new <another name>" "use --location $other, or another --environment")
    die "There is an environment $environment in $other already, and names depend on the region: $mend"
  fi
}

# A Flex Consumption app joins a network by this provider.
check_network_provider() {
  local state
  if [ "$size" != locked-down ]; then return; fi
  state=$(ask Registered az provider show --namespace Microsoft.App --query registrationState --output tsv) || state=unknown
  if [ "$state" != Registered ]; then
    die 'The provider Microsoft.App is not registered: az provider register --namespace Microsoft.App --wait'
  fi
}

# A vault that was deleted keeps its name for 90 days, and cannot be purged: it is brought back, with what is in it.
check_deleted_vault() {
  local left name group
  # Other sizes have no vault.
  if ! grep -Eq "keyVault = true|'(secret|certificate)'" "$here/sizes/$size.main.bicepparam"; then return; fi
  left=$(ask '' az keyvault list-deleted --resource-type vault \
    --query "[?properties.tags.\"azd-env-name\"=='$environment' && properties.location=='$location'].join('|', [name, properties.vaultId]) | [0]" \
    --output tsv) || die "Deleted vaults cannot be listed: az role assignment create --assignee $user_name --role Contributor --scope /subscriptions/$subscription"
  if [ -z "$left" ] || [ "$left" = None ]; then return; fi
  name=${left%%|*}
  group=$(printf '%s' "${left#*|}" | cut -d/ -f5)
  die "The vault $name is left from an earlier deployment, deleted: az group create --name $group --location $location && az keyvault recover --name $name --location $location"
}

check_entra_role() {
  local roles
  # An app's own permissions cannot be asked for that way; Entra ID says what it lacks.
  if [ "$user_type" != user ]; then return; fi
  roles=$(ask e8611ab8-c189-46e8-94e1-60213ab1f814 az rest --method GET \
    --url "$graph/v1.0/me/transitiveMemberOf/microsoft.graph.directoryRole?\$select=roleTemplateId" \
    --query 'value[].roleTemplateId' --output tsv) || die "Your roles in Entra ID cannot be read: az login --tenant $directory"
  # Privileged Role Administrator and Global Administrator.
  if ! printf '%s' "$roles" | grep -Eq 'e8611ab8-c189-46e8-94e1-60213ab1f814|62e90394-69f5-4237-9190-012177145e10'; then
    die "You are no Privileged Role Administrator of directory $directory: activate that role, or leave Entra ID to whoever has it: infra/deploy.sh --environment $environment --location $location --skip-entra"
  fi
}

check_graph_extension() {
  local file="$here/entra/main.bicep"
  ask '' az bicep restore --file "$file" > /dev/null ||
    die "The Microsoft Graph extension of Bicep cannot be fetched: let this machine reach mcr.microsoft.com, then az bicep restore --force --file $file"
}
