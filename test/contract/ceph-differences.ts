interface Difference {
  /** What radosgw 16 answers: one of these. */
  readonly answers: readonly string[]
  /** Where AWS documents what the suite and the sandbox say instead. */
  readonly source: string
}

const s3Errors = 'https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html'
const assumeRole = 'https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html'
const integrity = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html'
const usingKms = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html'

const commonErrors = 'https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html'
const ownerCondition = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html'
const listObjects = 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html'

/** Where the Ceph gateway is not like AWS, and how. Everywhere else it, the sandbox and AWS agree. */
export const cephDifferences: Readonly<Record<string, Difference>> = {
  'a role that does not exist is not told from one that does not trust': {
    answers: ['404 NoSuchEntity'],
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html',
  },
  'a session name of one character is refused': { answers: ['400 InvalidArgument'], source: assumeRole },
  // It knows no actions but those of S3, STS and IAM, nor ARNs of other accounts.
  'a session policy may name actions on keys': {
    answers: ['400 MalformedPolicyDocumentException'],
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session',
  },
  'a session shorter than 15 minutes is refused': { answers: ['400 InvalidArgument'], source: assumeRole },
  'a session longer than 12 hours is refused': { answers: ['400 InvalidArgument'], source: assumeRole },
  'a session longer than its role allows is refused': {
    answers: ['400 InvalidArgument'],
    source: assumeRole,
  },
  'a session name with a space is refused': { answers: ['400 InvalidArgument'], source: assumeRole },
  'a role that is no ARN is refused': { answers: ['400 InvalidArgument'], source: assumeRole },
  // The laboratory keeps the external ID in another condition; the gateway does not look at its form.
  'an external ID of one character is refused': { answers: ['403 AccessDenied'], source: assumeRole },
  'an unknown access key is refused by STS': { answers: ['403 AccessDenied'], source: commonErrors },
  'another secret is refused by STS': {
    answers: ['403 AccessDenied'],
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html',
  },
  'a session policy of more than 2048 characters is refused': {
    answers: ['400 PackedPolicyTooLargeException'],
    source: assumeRole,
  },
  'who may not list is not told that an object is not there': {
    answers: ['404 NoSuchKey'],
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html',
  },
  // It has its own key server, which takes the gateway's word for everybody.
  'who may not use the key can not put with it': { answers: ['200'], source: usingKms },
  'an object is put over the one that is meant, and over no other': {
    answers: ['412 PreconditionFailed, 412 PreconditionFailed'],
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html',
  },
  'an object is not put over one that is not there': {
    answers: ['412 PreconditionFailed'],
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html',
  },
  'a key of more than 1024 bytes is refused': { answers: ['400 InvalidObjectName'], source: s3Errors },
  'metadata of more than 2 KiB is refused': {
    answers: ['200'],
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html',
  },
  'a wrong SHA-256 is refused': { answers: ['200'], source: integrity },
  'a checksum that is none is refused': { answers: ['200'], source: integrity },
  'a bucket of another account than expected is not read': { answers: ['200'], source: ownerCondition },
  'a bucket of another account than expected is not listed': { answers: ['200'], source: ownerCondition },
  'from a bucket of another account than expected nothing is deleted': {
    answers: ['204'],
    source: ownerCondition,
  },
  'a listing of less than no keys is refused': { answers: ['200'], source: listObjects },
  'a listing goes on from a token that it gave, and from no other': {
    answers: ['200'],
    source: listObjects,
  },
  'an error says its code, the key and the request': {
    answers: ['application/xml Code BucketName RequestId HostId'],
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/ErrorResponse.html',
  },
  'a session knows who it is': {
    answers: ['405 MethodNotAllowed'],
    source: 'https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html',
  },
  'an unknown access key is refused': { answers: ['403 AccessDenied'], source: s3Errors },
  'a session without its token is refused': { answers: ['403 AccessDenied'], source: s3Errors },
  'a session with a broken token is refused': { answers: ['403 AccessDenied'], source: s3Errors },
  // Bucket names belong to an account there: nobody's account has no such bucket, and neither has another's.
  'a request without a signature is denied': { answers: ['404 NoSuchBucket'], source: s3Errors },
  "another customer's bucket is denied": { answers: ['404 NoSuchBucket'], source: s3Errors },
  'a bucket of another region is told': {
    answers: ['200'],
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/Redirects.html',
  },
  'a bucket that is expected to be of another account is not written to': {
    answers: ['200'],
    source: ownerCondition,
  },
  'several objects are deleted at once, those that are not there too': {
    answers: ['403 AccessDenied, left: 1 2 & <3>'],
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html',
  },
  'a wrong checksum is refused': { answers: ['200'], source: integrity },
  'a checksum is confirmed': { answers: ['undefined undefined'], source: integrity },
  'a checksum is read back': { answers: ['undefined'], source: integrity },
  'a stream with its checksum in the trailer is stored': {
    // Its front end and its gateway race for the refusal.
    answers: ['411 MissingContentLength', '400 XAmzContentSHA256Mismatch'],
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html',
  },
  'an object that asks for no encryption is encrypted by the bucket': {
    answers: ['nothing, nothing, readable'],
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html',
  },
  'AES256 is confirmed': {
    answers: ['nothing, nothing, readable'],
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/specifying-s3-encryption.html',
  },
  'aws:kms without a key uses the key of the account': { answers: ['400 InvalidArgument'], source: usingKms },
  'aws:kms with a key that does not exist is refused': {
    answers: ['403 InvalidAccessKeyId'],
    source: usingKms,
  },
  'parts out of order are refused': {
    answers: ['complete'],
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html',
  },
  'an upload that is aborted is gone': { answers: ['204, 500 InternalError, 404'], source: s3Errors },
}
