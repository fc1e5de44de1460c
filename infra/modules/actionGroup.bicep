// Who is told. Azure's own ways to be told (a Logic App, a webhook, a telephone) are added to the same group.
@description('Tags.')
param tags { *: string }

@description('Name of the action group.')
param name string

@description('Mail addresses.')
param emails string[]

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'outrider'
    emailReceivers: [for (email, index) in emails: {
      name: 'mail ${index + 1}'
      emailAddress: email
      useCommonAlertSchema: true
    }]
  }
}

@description('Resource id.')
output id string = group.id
