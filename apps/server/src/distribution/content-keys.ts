/** Content keys are sealed under a purpose of their own; clear bytes never leave a job. */
export const CONTENT_KEY_PURPOSE = 'distribution.content_key';
