import { ORGANISATION_KINDS } from '@yinglian/contract';
import { Form, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';

/** What is known of an organisation. */
export function OrganisationFields() {
  const { t } = useTranslation('organisation');
  const kernel = useTranslation('kernel').t;
  return (
    <>
      <Form.Item name="name" label={t('organisationName')} rules={[{ required: true }]}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="nameEnglish" label={t('nameEnglish')}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="kind" label={t('kind')} rules={[{ required: true }]}>
        <Select
          options={ORGANISATION_KINDS.map((value) => ({
            value,
            label: kernel(`kind.${value}`),
          }))}
        />
      </Form.Item>
      <Form.Item name="creditCode" label={t('creditCode')}>
        <Input maxLength={18} className="mono" />
      </Form.Item>
    </>
  );
}
