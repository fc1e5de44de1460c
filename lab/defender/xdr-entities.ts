import type { FileDetails, GraphEvidence, UserAccount } from './graph-types.ts';
import type { XdrEntity } from './xdr-types.ts';

/** All columns in the order of the documented sample. */
const NOTHING: Omit<XdrEntity, 'entityType'> = {
  sha1: null,
  sha256: null,
  fileName: null,
  filePath: null,
  processId: null,
  processCommandLine: null,
  processCreationTime: null,
  parentProcessId: null,
  parentProcessCreationTime: null,
  ipAddress: null,
  url: null,
  accountName: null,
  domainName: null,
  userSid: null,
  aadUserId: null,
  userPrincipalName: null,
  mailboxDisplayName: null,
  mailboxAddress: null,
  clusterBy: null,
  sender: null,
  recipient: null,
  subject: null,
  deliveryAction: null,
  securityGroupId: null,
  securityGroupName: null,
  registryHive: null,
  registryKey: null,
  registryValueType: null,
  registryValue: null,
  deviceId: null,
};

const entity = (entityType: string, columns: Partial<XdrEntity>): XdrEntity => ({
  entityType,
  ...NOTHING,
  ...columns,
});

/** The entity of a piece of evidence; none for devices, which are listed apart, and for kinds the API does not have. */
export function entityOf(evidence: GraphEvidence): XdrEntity | undefined {
  switch (evidence['@odata.type']) {
    case '#microsoft.graph.security.userEvidence':
      return entity('User', accountColumns(evidence.userAccount));
    case '#microsoft.graph.security.ipEvidence':
      return entity('Ip', { ipAddress: evidence.ipAddress });
    case '#microsoft.graph.security.urlEvidence':
      return entity('Url', { url: evidence.url });
    case '#microsoft.graph.security.fileEvidence':
      return entity('File', { ...fileColumns(evidence.fileDetails), deviceId: evidence.mdeDeviceId });
    case '#microsoft.graph.security.processEvidence':
      return entity('Process', {
        ...fileColumns(evidence.imageFile),
        ...accountColumns(evidence.userAccount),
        processId: evidence.processId,
        processCommandLine: evidence.processCommandLine,
        processCreationTime: evidence.processCreationDateTime,
        parentProcessId: evidence.parentProcessId,
        parentProcessCreationTime: evidence.parentProcessCreationDateTime,
        deviceId: evidence.mdeDeviceId,
      });
    case '#microsoft.graph.security.mailboxEvidence':
      return entity('MailBox', {
        userPrincipalName: evidence.upn,
        mailboxDisplayName: evidence.displayName,
        mailboxAddress: evidence.primaryAddress,
      });
    case '#microsoft.graph.security.analyzedMessageEvidence':
      return entity('MailMessage', {
        userPrincipalName: evidence.recipientEmailAddress,
        sender: evidence.p1Sender.emailAddress,
        recipient: evidence.recipientEmailAddress,
        subject: evidence.subject,
        deliveryAction: evidence.deliveryAction,
      });
    case '#microsoft.graph.security.mailClusterEvidence':
      return entity('MailCluster', { clusterBy: evidence.clusterBy });
    case '#microsoft.graph.security.registryValueEvidence':
      return entity('Registry', {
        registryHive: evidence.registryHive,
        registryKey: evidence.registryKey,
        registryValueType: evidence.registryValueType,
        registryValue: evidence.registryValue,
        deviceId: evidence.mdeDeviceId,
      });
    case '#microsoft.graph.security.securityGroupEvidence':
      return entity('SecurityGroup', {
        securityGroupId: evidence.securityGroupId,
        securityGroupName: evidence.displayName,
      });
    default:
      return undefined;
  }
}

function accountColumns(account: UserAccount): Partial<XdrEntity> {
  return {
    accountName: account.accountName,
    domainName: account.domainName,
    userSid: account.userSid,
    aadUserId: account.azureAdUserId,
    userPrincipalName: account.userPrincipalName,
  };
}

const fileColumns = ({ sha1, sha256, fileName, filePath }: FileDetails): Partial<XdrEntity> => ({
  sha1,
  sha256,
  fileName,
  filePath,
});
