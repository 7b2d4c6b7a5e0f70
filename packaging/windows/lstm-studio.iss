; The installer for Windows, made with Inno Setup 6 from dist\lstm-studio.
; dev.py package --installer calls: iscc /DAppVersion=VERSION /DPublisher=NAME /DHomepage=ADDRESS packaging\windows\lstm-studio.iss
#ifndef AppVersion
  #error The version comes from lstm_studio/version.py: run dev.py package --installer
#endif
#ifndef Publisher
  #error The publisher comes from packaging/publisher.py: run dev.py package --installer
#endif
#ifndef Homepage
  #define Homepage ""
#endif
#define Root "..\.."
#define Bundle Root + "\dist\lstm-studio"

[Setup]
AppId={{6C2F8E0B-5C0F-4B7E-9A53-3D2F6C1B7A90}
AppName=LSTM Studio
AppVersion={#AppVersion}
AppVerName=LSTM Studio {#AppVersion}
AppPublisher={#Publisher}
#if Homepage != ""
AppPublisherURL={#Homepage}
AppSupportURL={#Homepage}
#endif
VersionInfoVersion={#AppVersion}
DefaultDirName={autopf}\LSTM Studio
DefaultGroupName=LSTM Studio
DisableProgramGroupPage=yes
; Without rights of an administrator it is installed for one person.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog commandline
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile={#Root}\LICENSE
SetupIconFile={#Root}\build\icons\app.ico
UninstallDisplayIcon={app}\LSTM Studio.exe
UninstallDisplayName=LSTM Studio
OutputDir={#Root}\dist
OutputBaseFilename=lstm-studio-{#AppVersion}-windows-x64-setup
Compression=lzma2/max
SolidCompression=yes
LZMAUseSeparateProcess=yes
WizardStyle=modern
ChangesAssociations=yes
ChangesEnvironment=yes
CloseApplications=yes
ShowLanguageDialog=auto

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "zh"; MessagesFile: "compiler:Default.isl,chinese.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"; Flags: unchecked
Name: "path"; Description: "{cm:AddToPath}"; Flags: unchecked

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[InstallDelete]
; Files of an older version that a newer one no longer has.
Type: filesandordirs; Name: "{app}\_internal"

[Icons]
Name: "{group}\LSTM Studio"; Filename: "{app}\LSTM Studio.exe"
Name: "{autodesktop}\LSTM Studio"; Filename: "{app}\LSTM Studio.exe"; Tasks: desktopicon

[Registry]
; Only among the programs that can open such a file, never the one that does.
Root: HKA; Subkey: "Software\Classes\Applications\LSTM Studio.exe"; ValueType: string; ValueName: "FriendlyAppName"; ValueData: "LSTM Studio"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Applications\LSTM Studio.exe\shell\open\command"; ValueType: string; ValueData: """{app}\LSTM Studio.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\Applications\LSTM Studio.exe\SupportedTypes"; ValueType: string; ValueName: ".csv"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\LSTM Studio.exe\SupportedTypes"; ValueType: string; ValueName: ".tsv"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\LSTM Studio.exe\SupportedTypes"; ValueType: string; ValueName: ".jsonl"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\LSTM Studio.exe\SupportedTypes"; ValueType: string; ValueName: ".parquet"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\LSTM Studio.exe\SupportedTypes"; ValueType: string; ValueName: ".ndjson"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\LSTM Studio.exe\SupportedTypes"; ValueType: string; ValueName: ".conll"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\LSTM Studio.exe\SupportedTypes"; ValueType: string; ValueName: ".conllu"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\LSTM Studio.exe\SupportedTypes"; ValueType: string; ValueName: ".bio"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\LSTM Studio.exe\SupportedTypes"; ValueType: string; ValueName: ".bmes"; ValueData: ""

[Run]
Filename: "{app}\LSTM Studio.exe"; Description: "{cm:LaunchProgram,LSTM Studio}"; Flags: nowait postinstall skipifsilent

[CustomMessages]
en.AddToPath=Add the command lstm-studio to PATH
zh.AddToPath=将命令 lstm-studio 加入 PATH

[Code]
const
  RuntimeKey = 'SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\x64';

function EnvironmentRoot: Integer;
begin
  if IsAdminInstallMode then
    Result := HKEY_LOCAL_MACHINE
  else
    Result := HKEY_CURRENT_USER;
end;

function EnvironmentKey: String;
begin
  if IsAdminInstallMode then
    Result := 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
  else
    Result := 'Environment';
end;

procedure ChangePath(Add: Boolean);
var
  Paths, Folder: String;
begin
  if not RegQueryStringValue(EnvironmentRoot, EnvironmentKey, 'Path', Paths) then
    Paths := '';
  Folder := ExpandConstant('{app}');
  Paths := ';' + Paths + ';';
  StringChangeEx(Paths, ';' + Folder + ';', ';', True);
  if Add then
    Paths := Paths + Folder;
  while (Length(Paths) > 0) and (Paths[1] = ';') do
    Delete(Paths, 1, 1);
  while (Length(Paths) > 0) and (Paths[Length(Paths)] = ';') do
    Delete(Paths, Length(Paths), 1);
  RegWriteExpandStringValue(EnvironmentRoot, EnvironmentKey, 'Path', Paths);
end;

procedure CurStepChanged(CurStep: TSetupStep);
var
  Installed: Cardinal;
begin
  if CurStep = ssPostInstall then
  begin
    if WizardIsTaskSelected('path') then
      ChangePath(True);
    { PyTorch needs the runtime of Visual C++; most machines have it. }
    if not (RegQueryDWordValue(HKLM64, RuntimeKey, 'Installed', Installed) and (Installed = 1)) then
      SuppressibleMsgBox('LSTM Studio needs the Microsoft Visual C++ runtime, which this computer lacks. '
        + 'Get it from https://aka.ms/vs/17/release/vc_redist.x64.exe and install it before the first start.',
        mbInformation, MB_OK, IDOK);
  end;
end;

procedure CurUninstallStepChanged(CurUninstallStep: TUninstallStep);
begin
  if CurUninstallStep = usUninstall then
    ChangePath(False);
end;
