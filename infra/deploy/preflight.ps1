# What can be known before anything is made; dot-sourced by deploy.ps1. The same checks, in the same order and words, as preflight.sh.
$azOldest = [version]'2.60.0'
# The first with the Microsoft Graph extension outside of preview.
$bicepOldest = [version]'0.36.1'

# The nearest name that every resource can be called after: a to z, digits, single hyphens, 24 at most.
function Get-FittingName([string] $Name) {
  $plain = $Name.ToLowerInvariant().Replace('ä', 'ae').Replace('ö', 'oe').Replace('ü', 'ue').Replace('ß', 'ss')
  $plain = ($plain -creplace '[^a-z0-9-]', '-' -creplace '--+', '-' -creplace '^[^a-z]*', '')
  if ($plain.Length -gt 24) { $plain = $plain.Substring(0, 24) }
  $plain = $plain.TrimEnd('-')
  if ($plain) { $plain } else { 'prod' }
}

# What mends it: with azd (first), or by this script (second).
function Get-Instead([string] $ByAzd, [string] $ByScript) {
  if ($Azd) { $ByAzd } else { $ByScript }
}

function Test-Environment {
  if (-not $Environment) { Stop-Deployment 'Which environment? For example: infra/deploy.ps1 -Environment prod -Location westeurope' 2 }
  $fitting = Get-FittingName $Environment
  if ($Environment -cne $fitting) {
    $mend = Get-Instead "azd env new $fitting" "use -Environment $fitting"
    Stop-Deployment "The name '$Environment' does not fit (a letter first, then a to z, digits and single hyphens, 24 at most; upper case would collide with lower): $mend" 2
  }
}

# An option that must be an id.
function Test-Id([string] $Option, [string] $Value) {
  if ($Value -and -not ($Value -as [guid])) { Stop-Deployment "$Option '$Value' is no id: give what the other person's deploy.ps1 printed." 2 }
}

function Test-HandedOver {
  if ($emptyOption -eq '-Operator') { Stop-Deployment '-Operator is empty: az login, then az ad signed-in-user show --query id --output tsv' 2 }
  if ($emptyOption) { Stop-Deployment "$emptyOption is empty: give all that infra/deploy.ps1 -EntraOnly printed." 2 }
  Test-Id -Option '-ApiAppId' -Value $ApiAppId
  Test-Id -Option '-ClientAppId' -Value $ClientAppId
  Test-Id -Option '-CliAppId' -Value $CliAppId
  Test-Id -Option '-Operator' -Value $Operator
  Test-Id -Option '-FederationPrincipalId' -Value $FederationPrincipalId
  Test-Id -Option '-CallerPrincipalId' -Value $CallerPrincipalId
  if (-not $SkipEntra -and "$ApiAppId$ClientAppId$CliAppId") { Stop-Deployment "Ids are handed over to a run without Entra ID: $again -SkipEntra" 2 }
  if ("$ApiAppId$ClientAppId") {
    if (-not $ApiAppId -or -not $ClientAppId) { Stop-Deployment 'One of -ApiAppId and -ClientAppId is missing: give all that infra/deploy.ps1 -EntraOnly printed.' 2 }
    if (-not $CliAppId -and $sizeFile -ne 'locked-down') { Stop-Deployment '-CliAppId is missing: give all that infra/deploy.ps1 -EntraOnly printed.' 2 }
  }
  if (-not $EntraOnly -and "$NamePrefix$ResourceGroup$FederationPrincipalId$CallerPrincipalId$OnboardingCallbackUrl") {
    Stop-Deployment "What bootstrap made is handed over to a run of Entra ID alone: $again -EntraOnly" 2
  }
  if ($NamePrefix -and -not ($ResourceGroup -and $FederationPrincipalId -and $CallerPrincipalId)) {
    Stop-Deployment 'One of -ResourceGroup, -FederationPrincipalId and -CallerPrincipalId is missing: give all that infra/deploy.ps1 -SkipEntra printed.' 2
  }
}

function Test-Arguments {
  Test-Environment
  if (-not $Location) { Stop-Deployment 'Which region? Say -Location; az functionapp list-flexconsumption-locations --output table lists those that can be.' 2 }
  if (-not $sizeFile) { Stop-Deployment "There is no size ${Size}: use -Size one, partner or locked." 2 }
  if ($SkipEntra -and $EntraOnly) { Stop-Deployment 'Nothing is left with both: give -SkipEntra or -EntraOnly.' 2 }
  Test-HandedOver
  if (-not $DryRun -and -not $Yes -and [Console]::IsInputRedirected) { Stop-Deployment "Nobody is there to be asked: look with -DryRun, then: $again -Yes" 2 }
}

function Test-Everything {
  Write-Step 'Is everything there that is needed?'
  Test-Tools
  Test-Login
  if (-not $EntraOnly) {
    Test-Package
    Test-Rights
    Test-Region
    Test-Storage
    Test-SameEnvironment
    Test-NetworkProvider
    Test-DeletedVault
  }
  if (-not $SkipEntra) {
    Test-EntraRole
    Test-GraphExtension
  }
}

function Test-Tools {
  if (-not $DryRun -and -not (Get-Command az -ErrorAction SilentlyContinue)) {
    Stop-Deployment 'The Azure CLI is not on PATH: install it by https://learn.microsoft.com/cli/azure/install-azure-cli'
  }
  $text = (Invoke-Az "{`"azure-cli`":`"$azOldest`"}" @('version', '--output', 'json')) -join ''
  if ($LASTEXITCODE -ne 0 -or $text -notmatch '"azure-cli"\s*:\s*"(\d+\.\d+\.\d+)') { Stop-Deployment 'az does not run: az upgrade' }
  $version = $Matches[1]
  if ([version]$version -lt $azOldest) { Stop-Deployment "The Azure CLI $version is too old ($azOldest is needed): az upgrade" }
  $text = (Invoke-Az "$bicepOldest" @('bicep', 'version')) -join ' '
  if ($LASTEXITCODE -ne 0 -or $text -notmatch '\d+\.\d+\.\d+') { Stop-Deployment 'The Bicep CLI is missing: az bicep install' }
  $version = $Matches[0]
  if ([version]$version -lt $bicepOldest) { Stop-Deployment "The Bicep CLI $version is too old ($bicepOldest is needed): az bicep upgrade" }
}

function Test-Login {
  $standIn = '{"id":"<subscription>","tenantId":"<directory>","environmentName":"AzureCloud","user":{"type":"user","name":"<you>"}}'
  $text = (Invoke-Az $standIn @('account', 'show', '--output', 'json')) -join ''
  if ($LASTEXITCODE -ne 0) { Stop-Deployment 'Nobody is signed in: az login' }
  $account = $text | ConvertFrom-Json
  $script:subscription, $script:directory = $account.id, $account.tenantId
  $script:userName, $script:userType = $account.user.name, $account.user.type
  $government = $account.environmentName -eq 'AzureUSGovernment'
  $script:graph = if ($government) { 'https://graph.microsoft.us' } else { 'https://graph.microsoft.com' }
  $script:arm = if ($government) { 'https://management.usgovcloudapi.net' } else { 'https://management.azure.com' }
  if ($Azd -and -not $DryRun -and $env:AZURE_SUBSCRIPTION_ID -and $env:AZURE_SUBSCRIPTION_ID -ne $subscription) {
    Stop-Deployment "az and azd mean two subscriptions: az account set --subscription $env:AZURE_SUBSCRIPTION_ID"
  }
  Set-Given AZURE_TENANT_ID $directory
  Write-Host "As $userName in subscription $subscription of directory $directory; another: az account set --subscription <id>"
}

function Test-Package {
  # Without ids there is nothing to publish yet; azd makes its own package.
  if ($Azd -or ($SkipEntra -and -not $ApiAppId)) { return }
  if (-not $DryRun -and -not (Test-Path $Package)) { Stop-Deployment "There is no package ${Package}: npm ci && npm run package, or -Package <zip>" }
}

function Test-Rights {
  $wanted = @('Microsoft.Resources/deployments/write', 'Microsoft.Resources/subscriptions/resourceGroups/write', 'Microsoft.Authorization/roleAssignments/write')
  if ($sizeFile -ne 'one-tenant') { $wanted += 'Microsoft.Authorization/locks/write' }
  Test-RightsAt "/subscriptions/$subscription" 'Owner' $wanted
}

# The rights themselves, not names of roles: custom roles and groups count as well. Azure's patterns have * for any text.
function Test-RightsAt([string] $Scope, [string] $Role, [string[]] $Actions) {
  $standIn = @{ value = @(@{ actions = @('*'); notActions = @() }) }
  $granted = Invoke-Service GET $arm "$Scope/providers/Microsoft.Authorization/permissions?api-version=2022-04-01" $standIn -Otherwise "Your rights at $Scope cannot be read: az login --tenant $directory, and az account set --subscription <the right one>"
  foreach ($action in $Actions) {
    $has = $granted.value | Where-Object {
      ($_.actions | Where-Object { $action -like $_ }) -and -not ($_.notActions | Where-Object { $action -like $_ })
    }
    if (-not $has) { Stop-Deployment "You lack the right $action at ${Scope}: let an owner of it run az role assignment create --assignee $userName --role $Role --scope $Scope" }
  }
}

function Test-Region {
  $text = (Invoke-Az "[{`"name`":`"$Location`"}]" @('functionapp', 'list-flexconsumption-locations', '--output', 'json')) -join ''
  if ($LASTEXITCODE -ne 0) { Stop-Deployment 'The regions cannot be listed: az provider register --namespace Microsoft.Web --wait, or az upgrade' }
  if ($Location -notin ($text | ConvertFrom-Json).name) {
    Stop-Deployment "The region $Location has no Flex Consumption: choose one of az functionapp list-flexconsumption-locations --output table"
  }
}

# Not every region has zones to copy the state to. Unknown is let pass: Azure would refuse it then.
function Test-Storage {
  $file = "sizes/$sizeFile.main.bicepparam"
  $sku = (Select-String -Pattern "^param storageSku = '(.*)'" -Path "$PSScriptRoot/../$file").Matches[0].Groups[1].Value
  $standIn = @{ value = @(@{ name = $sku; kind = 'StorageV2'; locations = @($Location) }) }
  try { $answer = Invoke-Service GET $arm "/subscriptions/$subscription/providers/Microsoft.Storage/skus?api-version=2023-05-01" $standIn } catch { return }
  $regions = @(($answer.value | Where-Object { $_.name -eq $sku -and $_.kind -eq 'StorageV2' }).locations | ForEach-Object { $_.ToLowerInvariant().Replace(' ', '') })
  if ($regions -and $Location -notin $regions) {
    $mend = Get-Instead "azd env set AZURE_LOCATION <another>, or storageSku Standard_LRS in infra/main.parameters.json" "use another -Location, or storageSku = 'Standard_LRS' in infra/$file"
    Stop-Deployment "The region $Location has no storage of the kind ${sku}: $mend"
  }
}

# Names are made of environment and region: the same environment elsewhere would be a second one beside it.
function Test-SameEnvironment {
  $text = (Invoke-Az '[]' @('group', 'list', '--tag', "azd-env-name=$Environment", '--output', 'json')) -join ''
  if ($LASTEXITCODE -ne 0) { Stop-Deployment "Resource groups cannot be listed: az role assignment create --assignee $userName --role Reader --scope /subscriptions/$subscription" }
  $group = $text | ConvertFrom-Json | Where-Object { $_.location -ne $Location -and $_.tags.application -eq 'outrider' } | Select-Object -First 1
  if ($group) {
    $other = $group.location
    $mend = Get-Instead "azd env set AZURE_LOCATION $other, or azd env new <another name>" "use -Location $other, or another -Environment"
    Stop-Deployment "There is an environment $Environment in $other already, and names depend on the region: $mend"
  }
}

# A Flex Consumption app joins a network by this provider.
function Test-NetworkProvider {
  if ($sizeFile -ne 'locked-down') { return }
  $state = Invoke-Az 'Registered' @('provider', 'show', '--namespace', 'Microsoft.App', '--query', 'registrationState', '--output', 'tsv')
  if ($state -ne 'Registered') { Stop-Deployment 'The provider Microsoft.App is not registered: az provider register --namespace Microsoft.App --wait' }
}

# A vault that was deleted keeps its name for 90 days, and cannot be purged: it is brought back, with what is in it.
function Test-DeletedVault {
  # Other sizes have no vault.
  if (-not (Select-String -Quiet -Pattern "keyVault = true|'(secret|certificate)'" -Path "$PSScriptRoot/../sizes/$sizeFile.main.bicepparam")) { return }
  $text = (Invoke-Az '[]' @('keyvault', 'list-deleted', '--resource-type', 'vault', '--output', 'json')) -join ''
  if ($LASTEXITCODE -ne 0) { Stop-Deployment "Deleted vaults cannot be listed: az role assignment create --assignee $userName --role Contributor --scope /subscriptions/$subscription" }
  $left = $text | ConvertFrom-Json | Where-Object { $_.properties.location -eq $Location -and $_.properties.tags.'azd-env-name' -eq $Environment } | Select-Object -First 1
  if (-not $left) { return }
  $name, $group = $left.name, $left.properties.vaultId.Split('/')[4]
  Stop-Deployment "The vault $name is left from an earlier deployment, deleted: az group create --name $group --location $Location && az keyvault recover --name $name --location $Location"
}

function Test-EntraRole {
  # An app's own permissions cannot be asked for that way; Entra ID says what it lacks.
  if ($userType -ne 'user') { return }
  $standIn = @{ value = @(@{ roleTemplateId = 'e8611ab8-c189-46e8-94e1-60213ab1f814' }) }
  $roles = Invoke-Service GET $graph '/v1.0/me/transitiveMemberOf/microsoft.graph.directoryRole?$select=roleTemplateId' $standIn -Otherwise "Your roles in Entra ID cannot be read: az login --tenant $directory"
  # Privileged Role Administrator and Global Administrator.
  if (-not ($roles.value.roleTemplateId | Where-Object { $_ -in 'e8611ab8-c189-46e8-94e1-60213ab1f814', '62e90394-69f5-4237-9190-012177145e10' })) {
    Stop-Deployment "You are no Privileged Role Administrator of directory ${directory}: activate that role, or leave Entra ID to whoever has it: infra/deploy.ps1 -Environment $Environment -Location $Location -SkipEntra"
  }
}

function Test-GraphExtension {
  $file = Join-Path (Split-Path $PSScriptRoot) 'entra/main.bicep'
  Invoke-Az '' @('bicep', 'restore', '--file', $file) | Out-Null
  if ($LASTEXITCODE -ne 0) { Stop-Deployment "The Microsoft Graph extension of Bicep cannot be fetched: let this machine reach mcr.microsoft.com, then az bicep restore --force --file $file" }
}
