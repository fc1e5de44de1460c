# What can be known before anything is made; dot-sourced by deploy.ps1. The same checks as preflight.sh.
$azOldest = [version]'2.60.0'
# The first with the Microsoft Graph extension outside of preview.
$bicepOldest = [version]'0.36.1'

function Get-FittingName([string] $Name) {
  $plain = $Name.ToLowerInvariant().Replace('ä', 'ae').Replace('ö', 'oe').Replace('ü', 'ue').Replace('ß', 'ss')
  $plain = ($plain -creplace '[^a-z0-9-]', '-' -creplace '--+', '-' -creplace '^[^a-z]*', '')
  if ($plain.Length -gt 24) { $plain = $plain.Substring(0, 24) }
  $plain = $plain.TrimEnd('-')
  if ($plain) { $plain } else { 'prod' }
}

function Test-Arguments {
  $fitting = Get-FittingName $Environment
  if ($Environment -cne $fitting) {
    Stop-Deployment "The name '$Environment' does not fit (a letter first, then a to z, digits and single hyphens, 24 at most; upper case would collide with lower): use -Environment $fitting" 2
  }
  if ($SkipEntra -and $EntraOnly) { Stop-Deployment 'Nothing is left with both: give -SkipEntra or -EntraOnly.' 2 }
  foreach ($id in $ApiAppId, $ClientAppId, $CliAppId, $Operator, $FederationPrincipalId, $CallerPrincipalId) {
    if ($id -and -not ($id -as [guid])) { Stop-Deployment "'$id' is no id: give what the other person's deploy.ps1 printed." 2 }
  }
  if (-not $SkipEntra -and ($ApiAppId -or $ClientAppId -or $CliAppId)) {
    Stop-Deployment "Ids are handed over to a run without Entra ID: $again -SkipEntra" 2
  }
  if ([bool]$ApiAppId -ne [bool]$ClientAppId -or ($ApiAppId -and -not $CliAppId -and $Size -ne 'locked')) {
    Stop-Deployment 'One of -ApiAppId, -ClientAppId and -CliAppId is missing: give all that infra/deploy.ps1 -EntraOnly printed.' 2
  }
  if (-not $EntraOnly -and $NamePrefix) { Stop-Deployment "What bootstrap made is handed over to a run of Entra ID alone: $again -EntraOnly" 2 }
  if ($NamePrefix -and -not ($ResourceGroup -and $FederationPrincipalId -and $CallerPrincipalId)) {
    Stop-Deployment 'One of -ResourceGroup, -FederationPrincipalId and -CallerPrincipalId is missing: give all that infra/deploy.ps1 -SkipEntra printed.' 2
  }
}

function Test-Tools {
  if (-not $DryRun -and -not (Get-Command az -ErrorAction SilentlyContinue)) {
    Stop-Deployment 'The Azure CLI is not on PATH: install it by https://learn.microsoft.com/cli/azure/install-azure-cli'
  }
  $found = (Invoke-Az "{`"azure-cli`":`"$azOldest`"}" @('version', '--output', 'json')) -join '' | ConvertFrom-Json
  if ([version]$found.'azure-cli' -lt $azOldest) { Stop-Deployment "The Azure CLI $($found.'azure-cli') is too old ($azOldest is needed): az upgrade" }
  $text = (Invoke-Az "$bicepOldest" @('bicep', 'version')) -join ' '
  if ($LASTEXITCODE -ne 0 -or $text -notmatch '\d+\.\d+\.\d+') { Stop-Deployment 'The Bicep CLI is missing: az bicep install' }
  if ([version]$Matches[0] -lt $bicepOldest) { Stop-Deployment "The Bicep CLI $($Matches[0]) is too old ($bicepOldest is needed): az bicep upgrade" }
}

function Get-Account {
  $standIn = '{"id":"<subscription>","tenantId":"<directory>","environmentName":"AzureCloud","user":{"type":"user","name":"<you>"}}'
  $text = (Invoke-Az $standIn @('account', 'show', '--output', 'json')) -join ''
  if ($LASTEXITCODE -ne 0) { Stop-Deployment 'Nobody is signed in: az login' }
  $text | ConvertFrom-Json
}

# The rights themselves, not names of roles. Azure's patterns have * for any text.
function Test-Rights {
  $granted = Invoke-Service GET $arm "/subscriptions/$($account.id)/providers/Microsoft.Authorization/permissions?api-version=2022-04-01" @{ value = @(@{ actions = @('*'); notActions = @() }) }
  $wanted = @('Microsoft.Resources/deployments/write', 'Microsoft.Resources/subscriptions/resourceGroups/write', 'Microsoft.Authorization/roleAssignments/write')
  if ($Size -ne 'one') { $wanted += 'Microsoft.Authorization/locks/write' }
  foreach ($action in $wanted) {
    $has = $granted.value | Where-Object {
      ($_.actions | Where-Object { $action -like $_ }) -and -not ($_.notActions | Where-Object { $action -like $_ })
    }
    if (-not $has) {
      Stop-Deployment "You lack the right $action in subscription $($account.id): let an owner of it run az role assignment create --assignee $($account.user.name) --role Owner --scope /subscriptions/$($account.id)"
    }
  }
}

function Test-Subscription {
  $regions = (Invoke-Az "[{`"name`":`"$Location`"}]" @('functionapp', 'list-flexconsumption-locations', '--output', 'json')) -join '' | ConvertFrom-Json
  if ($Location -notin $regions.name) {
    Stop-Deployment "The region $Location has no Flex Consumption: choose one of az functionapp list-flexconsumption-locations --output table"
  }
  $groups = @((Invoke-Az '[]' @('group', 'list', '--tag', "azd-env-name=$Environment", '--output', 'json')) -join '' | ConvertFrom-Json)
  $other = $groups | Where-Object { $_.location -ne $Location -and $_.tags.application -eq 'outrider' } | Select-Object -First 1
  if ($other) { Stop-Deployment "There is an environment $Environment in $($other.location) already: use -Location $($other.location), or another -Environment." }
  if ($Size -eq 'locked') {
    $state = Invoke-Az 'Registered' @('provider', 'show', '--namespace', 'Microsoft.App', '--query', 'registrationState', '--output', 'tsv')
    if ($state -ne 'Registered') { Stop-Deployment 'The provider Microsoft.App is not registered: az provider register --namespace Microsoft.App --wait' }
  }
  # Other sizes have no vault.
  if (-not (Select-String -Quiet -Pattern "keyVault = true|'(secret|certificate)'" -Path "$PSScriptRoot/../sizes/$sizeFile.main.bicepparam")) { return }
  $vaults = @((Invoke-Az '[]' @('keyvault', 'list-deleted', '--resource-type', 'vault', '--output', 'json')) -join '' | ConvertFrom-Json)
  $left = $vaults | Where-Object { $_.properties.location -eq $Location -and $_.properties.tags.'azd-env-name' -eq $Environment } | Select-Object -First 1
  if ($left) {
    $group = $left.properties.vaultId.Split('/')[4]
    Stop-Deployment "The vault $($left.name) is left from an earlier deployment, deleted: az group create --name $group --location $Location && az keyvault recover --name $($left.name) --location $Location"
  }
}

function Test-Entra {
  if ($account.user.type -eq 'user') {
    $roles = Invoke-Service GET $graph '/v1.0/me/transitiveMemberOf/microsoft.graph.directoryRole?$select=roleTemplateId' @{ value = @(@{ roleTemplateId = 'e8611ab8-c189-46e8-94e1-60213ab1f814' }) }
    # Privileged Role Administrator and Global Administrator.
    if (-not ($roles.value.roleTemplateId | Where-Object { $_ -in 'e8611ab8-c189-46e8-94e1-60213ab1f814', '62e90394-69f5-4237-9190-012177145e10' })) {
      Stop-Deployment "You are no Privileged Role Administrator of directory $($account.tenantId): activate that role, or leave Entra ID to whoever has it: infra/deploy.ps1 -Environment $Environment -Location $Location -SkipEntra"
    }
  }
  Invoke-Az '' @('bicep', 'restore', '--file', "$PSScriptRoot/../entra/main.bicep") | Out-Null
  if ($LASTEXITCODE -ne 0) {
    Stop-Deployment "The Microsoft Graph extension of Bicep cannot be fetched: let this machine reach mcr.microsoft.com, then az bicep restore --force --file $PSScriptRoot/../entra/main.bicep"
  }
}
