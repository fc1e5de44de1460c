# What deploy.ps1 does, one function a step; dot-sourced by it. The same steps, in the same order and words, as steps.sh.
$managedIdentityTries = 4
$waitSeconds = 30
$healthTries = 20

# Says in a sentence why a step failed. What Azure says itself comes first.
function Stop-Step([string] $What, [string] $Problem) {
  [Console]::Error.WriteLine($Problem)
  switch -Wildcard ($Problem) {
    '*deleted state*' { Stop-Deployment "A vault of that name is deleted, and keeps its name: az keyvault list-deleted --resource-type vault, then az keyvault recover --name <its name>, then $again" }
    '*DeploymentActive*' { Stop-Deployment "An earlier run of the step $What has not ended in Azure yet: wait some minutes, then $again" }
    '*RequestDisallowedByPolicy*' { Stop-Deployment "A policy of your organisation forbids it (step $What): az policy assignment list --output table; ask for an exemption, then $again" }
    '*AuthorizationFailed*' { Stop-Deployment "You lack a right for the step ${What}: let an owner run az role assignment create --assignee $userName --role Owner --scope /subscriptions/$subscription, then $again" }
    default { Stop-Deployment "The step $What failed, and nothing needs to be undone: mend what Azure names above, then $again" }
  }
}

function Publish-Template([string] $What, [string] $File) {
  $name = "outrider-$What-$Environment-$Location"
  Write-Step "${What}: what would change"
  Invoke-Az '' @('deployment', 'sub', 'what-if', '--name', $name, '--location', $Location, '--parameters', $File) | Out-Host
  if ($LASTEXITCODE -ne 0) { Stop-Deployment "Azure does not take the step ${What}: mend what it names above, then $again" }
  Confirm-Step "Deploy this ($What)?"
  Write-Host 'It takes some minutes.'
  $said = (Invoke-Az '' @('deployment', 'sub', 'create', '--name', $name, '--location', $Location, '--parameters', $File, '--output', 'none') -Whole) -join "`n"
  if ($LASTEXITCODE -ne 0) { Stop-Step $What $said }
}

function Publish-Bootstrap {
  Set-Given AZURE_ENV_NAME $Environment
  Set-Given AZURE_LOCATION $Location
  Publish-Template bootstrap (Join-Path (Split-Path $PSScriptRoot) 'bootstrap.bicepparam')
  Find-Bootstrap
}

# The outputs of a step, from Azure; nothing where it was never done.
function Get-Outputs([string] $What, [hashtable] $StandIn) {
  $text = (Invoke-Az ($StandIn | ConvertTo-Json -Depth 4) @('deployment', 'sub', 'show', '--name', "outrider-$What-$Environment-$Location", '--query', 'properties.outputs', '--output', 'json')) -join ''
  if ($LASTEXITCODE -eq 0 -and $text) { $text | ConvertFrom-Json }
}

# What bootstrap made, from Azure: unless it was handed over.
function Find-Bootstrap {
  if ($NamePrefix) { return }
  $made = Get-Outputs bootstrap @{ resourceGroupName = @{ value = '<resource group>' }; namePrefix = @{ value = '<prefix>' }; federationPrincipalId = @{ value = '<federation identity>' }; callerPrincipalId = @{ value = '<caller identity>' }; onboardingCallbackUrl = @{ value = '<callback>' } }
  if (-not $made) { Stop-Deployment "The step bootstrap is not done, or you may not see it: let the owner of the subscription run infra/deploy.ps1 -Environment $Environment -Location $Location -SkipEntra" }
  $script:ResourceGroup, $script:NamePrefix = $made.resourceGroupName.value, $made.namePrefix.value
  $script:FederationPrincipalId, $script:CallerPrincipalId = $made.federationPrincipalId.value, $made.callerPrincipalId.value
  $script:OnboardingCallbackUrl = $made.onboardingCallbackUrl.value
}

# No people's sign-in in size locked-down.
function Get-AppParts {
  if ($sizeFile -eq 'locked-down') { 'client', 'api' } else { 'client', 'api', 'cli' }
}

function Publish-Entra {
  Write-Step 'Entra ID: app registrations, permissions, consent (Entra ID knows no what-if)'
  $parts = (Get-AppParts) -join '|'
  Write-Host "App registrations $NamePrefix-($parts) as in infra/sizes/$sizeFile.entra.bicepparam"
  # A deployment is kept in the resource group; who owns the subscription has been asked already.
  if ($EntraOnly) { Test-RightsAt "/subscriptions/$subscription/resourceGroups/$ResourceGroup" 'Contributor' @('Microsoft.Resources/deployments/write') }
  Test-DeletedApps
  Set-Given OUTRIDER_NAME_PREFIX $NamePrefix
  Set-Given OUTRIDER_FEDERATION_PRINCIPAL_ID $FederationPrincipalId
  Set-Given OUTRIDER_CALLER_PRINCIPAL_ID $CallerPrincipalId
  Set-Given OUTRIDER_ONBOARDING_CALLBACK_URL $OnboardingCallbackUrl
  if ($Operator) { Set-Given OUTRIDER_OPERATOR_PRINCIPAL_ID $Operator }
  Confirm-Step 'Deploy this (Entra ID)?'
  for ($tries = 1; ; $tries++) {
    $said = (Invoke-Az '' @('deployment', 'group', 'create', '--name', 'outrider-entra', '--resource-group', $ResourceGroup, '--parameters', (Join-Path (Split-Path $PSScriptRoot) "sizes/$sizeFile.entra.bicepparam"), '--output', 'none') -Whole) -join "`n"
    # A second run may be told that grants are there. Whether all are is looked at in the end.
    if ($LASTEXITCODE -eq 0 -or $said -match 'entry already exists|assigned already exists') { break }
    # A new identity takes a while to be known everywhere in Entra ID.
    if ($said -match 'valid reference update|queried reference-property objects') {
      if ($tries -ge $managedIdentityTries) { Stop-Step entra $said }
      Write-Host "Entra ID does not know the new identities yet; again in $waitSeconds seconds."
      Start-Sleep -Seconds $waitSeconds
      continue
    }
    Stop-Entra $said
  }
  Find-Apps
}

# Why Entra ID refused.
function Stop-Entra([string] $Problem) {
  if ($Problem -match 'property uniqueName already exists') {
    [Console]::Error.WriteLine($Problem)
    Stop-Deployment "A deleted app registration keeps a name that begins with ${NamePrefix}: az rest --method GET --url $graph/v1.0/directory/deletedItems/microsoft.graph.application lists it, az rest --method DELETE --url $graph/v1.0/directory/deletedItems/<its id> frees the name, then $again"
  }
  if ($Problem -match 'CannotDeleteOrUpdateEnabledEntitlement') {
    [Console]::Error.WriteLine($Problem)
    Stop-Deployment "An app role that is taken away must be disabled first: az ad app update --id <api app id> --app-roles @roles.json, as docs/operations.md shows (Taking a permission back), then $again"
  }
  if ($Problem -match 'Insufficient privileges|Authorization_RequestDenied') {
    [Console]::Error.WriteLine($Problem)
    Stop-Deployment "$userName lacks a right in Entra ID: be Privileged Role Administrator of directory $directory, then $again"
  }
  Stop-Step entra $Problem
}

# What was deleted keeps its unique name for 30 days. A directory that cannot be asked says so when the name is wanted.
function Test-DeletedApps {
  foreach ($part in Get-AppParts) {
    try {
      $deleted = Invoke-Service GET $graph "/v1.0/directory/deletedItems/microsoft.graph.application?`$filter=uniqueName eq '$NamePrefix-$part'&`$count=true&`$select=id" @{ value = @() }
    } catch { return }
    if (@($deleted.value).Count -gt 0) {
      $id = $deleted.value[0].id
      Stop-Deployment "The app registration $NamePrefix-$part is left from an earlier deployment, deleted: az rest --method DELETE --url $graph/v1.0/directory/deletedItems/$id"
    }
  }
}

function Get-AppId([string] $Part, [string] $Otherwise) {
  (Invoke-Service GET $graph "/v1.0/applications(uniqueName='$NamePrefix-$Part')?`$select=appId" @{ appId = "<$Part app>" } -Otherwise $Otherwise).appId
}

function Find-Apps {
  $script:ApiAppId = Get-AppId api -Otherwise "The app registration $NamePrefix-api is not there: $again"
  $script:ClientAppId = Get-AppId client -Otherwise "The app registration $NamePrefix-client is not there: $again"
  if ($sizeFile -ne 'locked-down') {
    $script:CliAppId = Get-AppId cli -Otherwise "The app registration $NamePrefix-cli is not there: $again"
  }
}

function Show-Ids {
  $ids = "-SkipEntra -ApiAppId $ApiAppId -ClientAppId $ClientAppId"
  if ($CliAppId) { $ids += " -CliAppId $CliAppId" }
  $file = "outrider-$Environment.ids"
  Show-Consent
  if (-not $DryRun) { Set-Content -Path $file -Value $ids }
  Write-Step "Hand this over to the owner of the subscription (also in $file):"
  Write-Host "infra/deploy.ps1 -Environment $Environment -Location $Location -Size $sizeFile $ids"
}

function Show-AdminCommands {
  $more = ''
  if ($OnboardingCallbackUrl) { $more = " -OnboardingCallbackUrl $OnboardingCallbackUrl" }
  if ($Operator) { $more += " -Operator $Operator" }
  Write-Step 'Let the Entra administrator keep a deployment in the resource group:'
  Write-Host "az role assignment create --role Contributor --assignee <administrator> --scope /subscriptions/$subscription/resourceGroups/$ResourceGroup"
  Write-Step 'Hand this over to the Entra administrator:'
  Write-Host "az login --tenant $directory"
  Write-Host "az account set --subscription $subscription"
  Write-Host "infra/deploy.ps1 -EntraOnly -Environment $Environment -Location $Location -Size $sizeFile -ResourceGroup $ResourceGroup -NamePrefix $NamePrefix -FederationPrincipalId $FederationPrincipalId -CallerPrincipalId $CallerPrincipalId$more"
}

# For main.parameters.json, and for outrider doctor.
function Set-AzdEnvironment {
  $handed = [ordered]@{ OUTRIDER_API_CLIENT_ID = $ApiAppId; OUTRIDER_GRAPH_CLIENT_ID = $ClientAppId; OUTRIDER_CLI_CLIENT_ID = $CliAppId; OUTRIDER_API_TENANT_ID = $directory; AZURE_TENANT_ID = $directory }
  foreach ($name in $handed.Keys) {
    if ($DryRun) {
      Write-Host "azd env set $name $($handed[$name])"
      continue
    }
    azd env set $name $handed[$name]
    if ($LASTEXITCODE -ne 0) { Stop-Deployment "azd does not take what it needs: azd env select $Environment" }
  }
  Show-Consent
}

# Whoever the last run named is told of alerts until somebody else is.
function Find-AlertEmail {
  if ($AlertEmail) { return }
  $text = (Invoke-Az '' @('deployment', 'sub', 'show', '--name', "outrider-main-$Environment-$Location", '--query', 'properties.parameters.alertEmails.value', '--output', 'json') -Whole) -join ''
  if ($LASTEXITCODE -eq 0 -and $text) { $script:AlertEmail = "$($text | ConvertFrom-Json | Select-Object -First 1)" }
}

function Publish-Main {
  Set-Given OUTRIDER_API_CLIENT_ID $ApiAppId
  Set-Given OUTRIDER_GRAPH_CLIENT_ID $ClientAppId
  Set-Given OUTRIDER_CLI_CLIENT_ID $CliAppId
  Find-AlertEmail
  Set-Given OUTRIDER_ALERT_EMAIL $AlertEmail
  Publish-Template main (Join-Path (Split-Path $PSScriptRoot) "sizes/$sizeFile.main.bicepparam")
  $deployed = Get-Outputs main @{ functionAppName = @{ value = '<function app>' }; url = @{ value = 'https://<function app>.azurewebsites.net' } }
  if (-not $deployed) { Stop-Deployment "The step main left nothing behind: $again" }
  $script:functionApp, $script:url = $deployed.functionAppName.value, $deployed.url.value
}

# For Flex Consumption this command is One Deploy, by the signed-in person's token: publishing passwords are off.
function Publish-Package {
  Write-Step "publish: $Package"
  if ($sizeFile -eq 'locked-down') { Write-Host 'This needs a machine inside the network of the app.' }
  $said = (Invoke-Az '' @('functionapp', 'deployment', 'source', 'config-zip', '--resource-group', $ResourceGroup, '--name', $functionApp, '--src', $Package, '--output', 'none') -Whole) -join "`n"
  if ($LASTEXITCODE -ne 0) { Stop-Step publish $said }
}

# The app's own word, with no token; it takes a while to start for the first time.
function Wait-Health {
  Write-Step "check: $url/api/health"
  for ($tries = 1; ; $tries++) {
    if ($DryRun) {
      Write-Host "GET $url/api/health"
      break
    }
    try { if ((Invoke-RestMethod -Uri "$url/api/health").status -eq 'ok') { break } } catch { Write-Verbose "$_" }
    if ($tries -ge $healthTries) { Stop-Deployment "The app is published and does not say that it is well: npx outrider login, then npx outrider doctor --url $url says why." }
    Start-Sleep -Seconds $waitSeconds
  }
  Write-Host "Outrider runs at $url"
  Write-Host 'Prove it from inside as well:'
  Write-Host "  `$env:OUTRIDER_API_CLIENT_ID = '$ApiAppId'; `$env:OUTRIDER_API_TENANT_ID = '$directory'; `$env:OUTRIDER_CLI_CLIENT_ID = '$CliAppId'"
  Write-Host "  npx outrider login; npx outrider doctor --url $url"
  if (-not $Operator) { Write-Host 'Only whoever -Operator has named, in this run or an earlier one, is let in; your own object id: az ad signed-in-user show --query id --output tsv' }
}

# Asked for in Entra ID, and granted? Who may not see that is not told.
function Show-Consent {
  try {
    $app = Invoke-Service GET $graph "/v1.0/applications(appId='$ClientAppId')?`$select=requiredResourceAccess" @{ requiredResourceAccess = @() }
    $grants = Invoke-Service GET $graph "/v1.0/servicePrincipals(appId='$ClientAppId')/appRoleAssignments?`$select=appRoleId" @{ value = @() }
  } catch { return }
  $asked = @($app.requiredResourceAccess.resourceAccess | Where-Object { $_.type -eq 'Role' } | ForEach-Object { $_.id })
  $missing = @($asked | Where-Object { $_ -notin $grants.value.appRoleId }).Count
  if ($missing -gt 0) { Write-Host "Consent is missing for $missing of $($asked.Count) permissions, so not everything can be read: az ad app permission admin-consent --id $ClientAppId" }
}
