import { uuidUrn } from '@yinglian/core';
import {
  attributeValue,
  childElement,
  childElements,
  childText,
  element,
  textOf,
  type XmlElement,
} from '@yinglian/xml';
import type { CompositionMetadata, PictureArea, SoundLabelElement } from './model.ts';
import {
  CPL_METADATA,
  MCA_METADATA,
  REGISTERED_GROUPS,
  REGISTERED_PROPERTIES,
} from './namespaces.ts';
import {
  countIn,
  NO_ID,
  parseRational,
  rationalIn,
  rationalText,
  textIn,
  uuidIn,
} from './reading.ts';

/** Reads a CompositionMetadataAsset (ST 429-16:2014 6). */
export function readMetadata(of: XmlElement): CompositionMetadata {
  const version = childElement(of, 'VersionNumber');
  const territory = childElement(of, 'ReleaseTerritory');
  const luminance = childElement(of, 'Luminance');
  const extensions = childElement(of, 'ExtensionMetadataList');
  return {
    id: uuidIn(of, 'Id') ?? NO_ID,
    editRate: rationalIn(of, 'EditRate') ?? { numerator: 0, denominator: 1 },
    intrinsicDuration: countIn(of, 'IntrinsicDuration') ?? 0,
    entryPoint: countIn(of, 'EntryPoint'),
    duration: countIn(of, 'Duration'),
    fullTitle: childText(of, 'FullContentTitleText') ?? '',
    releaseTerritory:
      territory === undefined
        ? undefined
        : {
            value: textOf(territory),
            scope: attributeValue(territory, 'scope'),
          },
    version:
      version === undefined || !/^\d{1,9}$/.test(textOf(version))
        ? undefined
        : {
            number: Number(textOf(version)),
            status: attributeValue(version, 'status'),
          },
    chain: textIn(of, 'Chain'),
    distributor: textIn(of, 'Distributor'),
    facility: textIn(of, 'Facility'),
    luminance:
      luminance === undefined
        ? undefined
        : {
            value: textOf(luminance),
            units: attributeValue(luminance, 'units') ?? '',
          },
    soundConfiguration: textIn(of, 'MainSoundConfiguration'),
    soundSampleRate: parseRational(childText(of, 'MainSoundSampleRate')),
    storedArea: readArea(childElement(of, 'MainPictureStoredArea')),
    activeArea: readArea(childElement(of, 'MainPictureActiveArea')),
    subtitleLanguages: (textIn(of, 'MainSubtitleLanguageList') ?? '')
      .split(/\s+/)
      .filter((tag) => tag !== ''),
    extensions:
      extensions === undefined
        ? []
        : childElements(extensions, 'ExtensionMetadata').map((each) => ({
            scope: attributeValue(each, 'scope') ?? '',
            name: childText(each, 'Name') ?? '',
            properties: childElements(childElement(each, 'PropertyList') ?? each, 'Property').map(
              (property) => ({
                name: childText(property, 'Name') ?? '',
                value: childText(property, 'Value') ?? '',
              }),
            ),
          })),
    soundLabels: readSoundLabels(childElement(of, 'MCASubDescriptors')),
  };
}

function readArea(of: XmlElement | undefined): PictureArea | undefined {
  if (of === undefined) return undefined;
  const [width, height] = [countIn(of, 'Width'), countIn(of, 'Height')];
  return width === undefined || height === undefined ? undefined : { width, height };
}

function readSoundLabels(of: XmlElement | undefined): SoundLabelElement[] {
  if (of === undefined) return [];
  return childElements(of)
    .filter((child) => child.local.endsWith('LabelSubDescriptor'))
    .map((child) => ({
      group: child.local.startsWith('Soundfield'),
      instanceId: uuidIn(child, 'InstanceID') ?? NO_ID,
      dictionaryId: childText(child, 'MCALabelDictionaryID') ?? '',
      linkId: uuidIn(child, 'MCALinkID') ?? NO_ID,
      symbol: childText(child, 'MCATagSymbol') ?? '',
      name: textIn(child, 'MCATagName'),
      channel: countIn(child, 'MCAChannelID'),
      language: textIn(child, 'RFC5646SpokenLanguage'),
      groupLinkId: uuidIn(child, 'SoundfieldGroupLinkID'),
    }));
}

/** The element, its generic children in the namespace of the CPL, the rest in its own. */
export function metadataElement(metadata: CompositionMetadata, cpl: string): XmlElement {
  const generic = (name: string, text: string | number) =>
    element(name, cpl, { children: [String(text)] });
  const own = (
    name: string,
    text: string | number | undefined,
    attributes: Record<string, string | undefined> = {},
  ) =>
    text === undefined
      ? undefined
      : element(`meta:${name}`, CPL_METADATA, {
          attributes,
          children: text === '' ? [] : [String(text)],
        });
  const { editRate, soundSampleRate: sampleRate, version, releaseTerritory, luminance } = metadata;
  return element('meta:CompositionMetadataAsset', CPL_METADATA, {
    declarations: { meta: CPL_METADATA },
    children: [
      generic('Id', uuidUrn(metadata.id)),
      generic('EditRate', rationalText(editRate)),
      generic('IntrinsicDuration', metadata.intrinsicDuration),
      own('FullContentTitleText', metadata.fullTitle),
      own('ReleaseTerritory', releaseTerritory?.value, { scope: releaseTerritory?.scope }),
      own('VersionNumber', version?.number, { status: version?.status }),
      own('Chain', metadata.chain),
      own('Distributor', metadata.distributor),
      own('Facility', metadata.facility),
      own('Luminance', luminance?.value, { units: luminance?.units }),
      own('MainSoundConfiguration', metadata.soundConfiguration),
      own('MainSoundSampleRate', sampleRate && rationalText(sampleRate)),
      areaElement('MainPictureStoredArea', metadata.storedArea),
      areaElement('MainPictureActiveArea', metadata.activeArea),
      own(
        'MainSubtitleLanguageList',
        metadata.subtitleLanguages.length === 0 ? undefined : metadata.subtitleLanguages.join(' '),
      ),
      extensionsElement(metadata),
      soundLabelsElement(metadata.soundLabels),
    ],
  });
}

const meta = (name: string, children: (XmlElement | string | undefined)[], attributes = {}) =>
  element(`meta:${name}`, CPL_METADATA, { children, attributes });

function areaElement(name: string, area: PictureArea | undefined): XmlElement | undefined {
  if (area === undefined) return undefined;
  return meta(name, [meta('Width', [String(area.width)]), meta('Height', [String(area.height)])]);
}

function extensionsElement({ extensions }: CompositionMetadata): XmlElement | undefined {
  if (extensions.length === 0) return undefined;
  return meta(
    'ExtensionMetadataList',
    extensions.map(({ scope, name, properties }) =>
      meta(
        'ExtensionMetadata',
        [
          meta('Name', [name]),
          properties.length === 0
            ? undefined
            : meta(
                'PropertyList',
                properties.map((property) =>
                  meta('Property', [
                    meta('Name', [property.name]),
                    meta('Value', [property.value]),
                  ]),
                ),
              ),
        ],
        { scope },
      ),
    ),
  );
}

function soundLabelsElement(labels: readonly SoundLabelElement[]): XmlElement | undefined {
  if (labels.length === 0) return undefined;
  const property = (name: string, text: string | number | undefined) =>
    text === undefined
      ? undefined
      : element(`r1:${name}`, REGISTERED_PROPERTIES, { children: [String(text)] });
  return element('mca:MCASubDescriptors', MCA_METADATA, {
    declarations: { mca: MCA_METADATA, r0: REGISTERED_GROUPS, r1: REGISTERED_PROPERTIES },
    children: labels.map((label) =>
      element(
        label.group ? 'r0:SoundfieldGroupLabelSubDescriptor' : 'r0:AudioChannelLabelSubDescriptor',
        REGISTERED_GROUPS,
        {
          children: [
            property('InstanceID', uuidUrn(label.instanceId)),
            property('MCALabelDictionaryID', label.dictionaryId),
            property('MCALinkID', uuidUrn(label.linkId)),
            property('MCATagSymbol', label.symbol),
            property('MCATagName', label.name),
            property('MCAChannelID', label.channel),
            property('RFC5646SpokenLanguage', label.language),
            property('SoundfieldGroupLinkID', label.groupLinkId && uuidUrn(label.groupLinkId)),
          ],
        },
      ),
    ),
  });
}
