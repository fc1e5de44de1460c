#!/usr/bin/env pwsh
#Requires -Version 7.2
<#
.SYNOPSIS
From an empty subscription to a running Outrider: the steps of deploy.sh, for PowerShell. docs/deploy.md says who needs which role.
.DESCRIPTION
Run it again after a failure, or to upgrade: every step finds what is there already in Azure and Entra ID.
.EXAMPLE
infra/deploy.ps1 -Environment prod -Location westeurope
#>
[CmdletBinding()]
param(
  [Parameter(Mandatory)][string] $Environment,
  [Parameter(Mandatory)][string] $Location,
  # Parameters of infra/sizes.
  [ValidateSet('one', 'partner', 'locked')][string] $Size = 'one',
  # What is published: of npm run package.
  [string] $Package = (Join-Path $PSScriptRoot '../dist/outrider.zip'),
  # Do not ask before each step.
  [switch] $Yes,
  # Print the commands; send nothing.
  [switch] $DryRun,
  # All but Entra ID; without ids: only what the administrator needs.
  [switch] $SkipEntra,
  # Entra ID alone; hands over three ids.
  [switch] $EntraOnly,
  [string] $ApiAppId, [string] $ClientAppId, [string] $CliAppId,
  [string] $ResourceGroup, [string] $NamePrefix, [string] $FederationPrincipalId, [string] $CallerPrincipalId,
  [string] $OnboardingCallbackUrl
)
Set-StrictMode -Version 1.0
$ErrorActionPreference = 'Stop'
# A failing az is judged by its exit code, in each place.
$PSNativeCommandUseErrorActionPreference = $false

$azOldest = [version]'2.60.0'
$bicepOldest = [version]'0.36.1'
$waitSeconds = 30
$again = "infra/deploy.ps1 -Environment $Environment -Location $Location -Size $Size"
if ($SkipEntra) { $again += ' -SkipEntra' }
if ($EntraOnly) { $again += ' -EntraOnly' }
$Location = $Location.ToLowerInvariant().Replace(' ', '')
$sizeFile = @{ one = 'one-tenant'; partner = 'partner'; locked = 'locked-down' }[$Size]

function Stop-Deployment([string] $Sentence, [int] $Code = 1) {
  [Console]::Error.WriteLine("deploy: $Sentence")
  exit $Code
}
function Write-Step([string] $Text) { Write-Host "== $Text" }

# What az answers; a dry run prints the command, and answers the stand-in. $LASTEXITCODE says how it went.
function Invoke-Az([string] $StandIn, [string[]] $Words) {
  if ($DryRun) {
    Write-Host "az $($Words -join ' ')"
    $global:LASTEXITCODE = 0
    return $StandIn
  }
  & az @Words
}

# An answer of Azure Resource Manager or Microsoft Graph. Not by az rest: what az.cmd makes of brackets and & is not sure.
function Invoke-Service([string] $Method, [string] $Service, [string] $Path, $StandIn) {
  if ($DryRun) {
    Write-Host "$Method $Service$Path"
    return $StandIn
  }
  $token = & az account get-access-token --resource $Service --query accessToken --output tsv
  if ($LASTEXITCODE -ne 0) { throw "No token for $Service." }
  $headers = @{ Authorization = "Bearer $token"; ConsistencyLevel = 'eventual' }
  Invoke-RestMethod -Method $Method -Uri "$Service$Path" -Headers $headers
}

function Set-Given([string] $Name, [string] $Value) {
  [System.Environment]::SetEnvironmentVariable($Name, $Value)
  if ($DryRun) { Write-Host "`$env:$Name = '$Value'" }
}

function Confirm-Step([string] $Question) {
  if ($Yes -or $DryRun) { return }
  if ((Read-Host "$Question [y/N]") -notmatch '^[yY]') { Stop-Deployment "Nothing was changed by this step. To go on: $again" }
}

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
  foreach ($id in $ApiAppId, $ClientAppId, $CliAppId, $FederationPrincipalId, $CallerPrincipalId) {
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
  Invoke-Az '' @('bicep', 'restore', '--file', "$PSScriptRoot/entra/main.bicep") | Out-Null
  if ($LASTEXITCODE -ne 0) {
    Stop-Deployment "The Microsoft Graph extension of Bicep cannot be fetched: let this machine reach mcr.microsoft.com, then az bicep restore --force --file $PSScriptRoot/entra/main.bicep"
  }
}

function Publish-Template([string] $What, [string] $File) {
  $name = "outrider-$What-$Environment-$Location"
  Write-Step "${What}: what would change"
  Invoke-Az '' @('deployment', 'sub', 'what-if', '--name', $name, '--location', $Location, '--parameters', $File) | Out-Host
  if ($LASTEXITCODE -ne 0) { Stop-Deployment "Azure does not take the step ${What}: mend what it names above, then $again" }
  Confirm-Step "Deploy this ($What)?"
  Invoke-Az '' @('deployment', 'sub', 'create', '--name', $name, '--location', $Location, '--parameters', $File, '--output', 'none') | Out-Host
  if ($LASTEXITCODE -ne 0) { Stop-Deployment "The step $What failed, and nothing needs to be undone: mend what Azure names above, then $again" }
}

function Get-Outputs([string] $What, [hashtable] $StandIn) {
  $text = (Invoke-Az ($StandIn | ConvertTo-Json -Depth 4) @('deployment', 'sub', 'show', '--name', "outrider-$What-$Environment-$Location", '--query', 'properties.outputs', '--output', 'json')) -join ''
  if ($LASTEXITCODE -ne 0) { Stop-Deployment "The step $What is not done, or you may not see it: let the owner of the subscription run infra/deploy.ps1 -Environment $Environment -Location $Location -SkipEntra" }
  $text | ConvertFrom-Json
}

function Publish-Entra {
  Write-Step 'Entra ID: app registrations, permissions, consent (Entra ID knows no what-if)'
  Write-Host "App registrations $NamePrefix-client, $NamePrefix-api, $NamePrefix-cli as in infra/sizes/$sizeFile.entra.bicepparam"
  foreach ($part in 'client', 'api', 'cli') {
    $deleted = Invoke-Service GET $graph "/v1.0/directory/deletedItems/microsoft.graph.application?`$filter=uniqueName eq '$NamePrefix-$part'&`$count=true&`$select=id" @{ value = @() }
    if (@($deleted.value).Count -gt 0) {
      Stop-Deployment "The app registration $NamePrefix-$part is left from an earlier deployment, deleted: az rest --method DELETE --url $graph/v1.0/directory/deletedItems/$($deleted.value[0].id)"
    }
  }
  Set-Given OUTRIDER_NAME_PREFIX $NamePrefix
  Set-Given OUTRIDER_FEDERATION_PRINCIPAL_ID $FederationPrincipalId
  Set-Given OUTRIDER_CALLER_PRINCIPAL_ID $CallerPrincipalId
  Set-Given OUTRIDER_ONBOARDING_CALLBACK_URL $OnboardingCallbackUrl
  Confirm-Step 'Deploy this (Entra ID)?'
  for ($try = 1; ; $try++) {
    $said = (Invoke-Az '' @('deployment', 'group', 'create', '--name', 'outrider-entra', '--resource-group', $ResourceGroup, '--parameters', "$PSScriptRoot/sizes/$sizeFile.entra.bicepparam", '--output', 'none') 2>&1) -join "`n"
    # A second run finds the grants there.
    if ($LASTEXITCODE -eq 0 -or $said -match 'entry already exists|assigned already exists') { break }
    # A new identity takes a while to be known everywhere in Entra ID.
    if ($try -lt 4 -and $said -match 'valid reference update|queried reference-property objects') {
      Start-Sleep -Seconds $waitSeconds
      continue
    }
    Write-Host $said
    Stop-Deployment "The step entra failed, and nothing needs to be undone: mend what Azure names above (a missing right: be Privileged Role Administrator of directory $($account.tenantId)), then $again"
  }
}

function Get-AppId([string] $Part) {
  (Invoke-Service GET $graph "/v1.0/applications(uniqueName='$NamePrefix-$Part')?`$select=appId" @{ appId = "<$Part app>" }).appId
}

function Show-Consent {
  try {
    $grants = Invoke-Service GET $graph "/v1.0/servicePrincipals(appId='$ClientAppId')/appRoleAssignments?`$select=id" @{ value = @(@{ id = '1' }) }
    if (@($grants.value).Count -eq 0) { Write-Host "Consent is not given yet, so no tenant can be read: az ad app permission admin-consent --id $ClientAppId" }
  } catch { Write-Verbose 'Whether consent is given cannot be seen.' }
}

function Wait-Health([string] $Url) {
  Write-Step "check: $Url/api/health"
  for ($try = 1; $try -le 20; $try++) {
    if ($DryRun) { Write-Host "GET $Url/api/health"; return }
    try { if ((Invoke-RestMethod -Uri "$Url/api/health").status -eq 'ok') { return } } catch { Write-Verbose "$_" }
    Start-Sleep -Seconds $waitSeconds
  }
  Stop-Deployment "The app is published and does not say that it is well: npx outrider login, then npx outrider doctor --url $Url says why."
}

Test-Arguments
Write-Step 'Is everything there that is needed?'
Test-Tools
$account = Get-Account
$government = $account.environmentName -eq 'AzureUSGovernment'
$graph = $government ? 'https://graph.microsoft.us' : 'https://graph.microsoft.com'
$arm = $government ? 'https://management.usgovcloudapi.net' : 'https://management.azure.com'
Set-Given AZURE_TENANT_ID $account.tenantId
Write-Host "As $($account.user.name) in subscription $($account.id) of directory $($account.tenantId); another: az account set --subscription <id>"
if (-not $EntraOnly) {
  if ((-not $SkipEntra -or $ApiAppId) -and -not $DryRun -and -not (Test-Path $Package)) { Stop-Deployment "There is no package ${Package}: npm ci && npm run package, or -Package <zip>" }
  Test-Rights
  Test-Subscription
}
if (-not $SkipEntra) { Test-Entra }
if (-not $EntraOnly) {
  Set-Given AZURE_ENV_NAME $Environment
  Set-Given AZURE_LOCATION $Location
  Publish-Template bootstrap "$PSScriptRoot/bootstrap.bicepparam"
}
if (-not $NamePrefix) {
  $made = Get-Outputs bootstrap @{ resourceGroupName = @{ value = '<resource group>' }; namePrefix = @{ value = '<prefix>' }; federationPrincipalId = @{ value = '<federation identity>' }; callerPrincipalId = @{ value = '<caller identity>' }; onboardingCallbackUrl = @{ value = '<callback>' } }
  $ResourceGroup, $NamePrefix = $made.resourceGroupName.value, $made.namePrefix.value
  $FederationPrincipalId, $CallerPrincipalId, $OnboardingCallbackUrl = $made.federationPrincipalId.value, $made.callerPrincipalId.value, $made.onboardingCallbackUrl.value
}
if (-not $SkipEntra) {
  Publish-Entra
  $ApiAppId, $ClientAppId = (Get-AppId api), (Get-AppId client)
  if ($Size -ne 'locked') { $CliAppId = Get-AppId cli }
  if ($EntraOnly) {
    Show-Consent
    $ids = "-SkipEntra -ApiAppId $ApiAppId -ClientAppId $ClientAppId" + ($CliAppId ? " -CliAppId $CliAppId" : '')
    if (-not $DryRun) { Set-Content -Path "outrider-$Environment.ids" -Value $ids }
    Write-Step "Hand this over to the owner of the subscription (also in outrider-$Environment.ids):"
    Write-Host "infra/deploy.ps1 -Environment $Environment -Location $Location -Size $Size $ids"
    exit 0
  }
} elseif (-not $ApiAppId) {
  Write-Step 'Hand this over to the Entra administrator, who also needs to be Contributor of the resource group:'
  Write-Host "az role assignment create --role Contributor --assignee <administrator> --scope /subscriptions/$($account.id)/resourceGroups/$ResourceGroup"
  Write-Host "infra/deploy.ps1 -EntraOnly -Environment $Environment -Location $Location -Size $Size -ResourceGroup $ResourceGroup -NamePrefix $NamePrefix -FederationPrincipalId $FederationPrincipalId -CallerPrincipalId $CallerPrincipalId$($OnboardingCallbackUrl ? " -OnboardingCallbackUrl $OnboardingCallbackUrl" : '')"
  exit 0
}
Set-Given OUTRIDER_API_CLIENT_ID $ApiAppId
Set-Given OUTRIDER_GRAPH_CLIENT_ID $ClientAppId
Set-Given OUTRIDER_CLI_CLIENT_ID $CliAppId
Publish-Template main "$PSScriptRoot/sizes/$sizeFile.main.bicepparam"
$deployed = Get-Outputs main @{ functionAppName = @{ value = '<function app>' }; url = @{ value = 'https://<function app>.azurewebsites.net' } }
Write-Step "publish: $Package"
# For Flex Consumption this command is One Deploy, by the signed-in person's token: publishing passwords are off.
Invoke-Az '' @('functionapp', 'deployment', 'source', 'config-zip', '--resource-group', $ResourceGroup, '--name', $deployed.functionAppName.value, '--src', $Package, '--output', 'none') | Out-Host
if ($LASTEXITCODE -ne 0) { Stop-Deployment "The step publish failed, and nothing needs to be undone: mend what Azure names above, then $again" }
Wait-Health $deployed.url.value
Write-Host "Outrider runs at $($deployed.url.value)"
Write-Host "Prove it from inside as well: npx outrider login, then npx outrider doctor --url $($deployed.url.value)"
Show-Consent
