import type { Locale } from '@yinglian/core';

/** What the operating system says of a path, in the words of people. */
const FAULTS: Readonly<Record<string, { zh: string; en: string }>> = {
  ENOENT: { zh: '没有这个文件或文件夹', en: 'there is no such file or folder' },
  EACCES: { zh: '没有权限', en: 'permission is denied' },
  EPERM: { zh: '不允许这样做', en: 'this is not permitted' },
  EISDIR: { zh: '这是文件夹，此处要一个文件', en: 'this is a folder; a file is wanted here' },
  ENOTDIR: { zh: '这不是文件夹', en: 'this is no folder' },
  EEXIST: { zh: '已经存在', en: 'it exists already' },
  ENOTEMPTY: { zh: '文件夹不是空的', en: 'the folder is not empty' },
  ENOSPC: { zh: '磁盘已满', en: 'the disk is full' },
  EROFS: { zh: '此处只读', en: 'nothing can be written here' },
  EMFILE: { zh: '打开的文件太多', en: 'too many files are open' },
  ENAMETOOLONG: { zh: '名称太长', en: 'the name is too long' },
  ELOOP: { zh: '符号链接绕成了圈', en: 'symbolic links go in a circle' },
};

/** A fault of a file as a line, or nothing when it is another kind of fault. */
export function sayFileFault(fault: NodeJS.ErrnoException, locale: Locale): string | undefined {
  const words = typeof fault?.code === 'string' ? FAULTS[fault.code] : undefined;
  if (words === undefined) return undefined;
  const said = locale === 'zh-CN' ? words.zh : words.en;
  return [fault.path, `${said} (${fault.code})`].filter((each) => each !== undefined).join(': ');
}
