; Simplified Chinese for what people see most; all else stays English. Inno Setup brings no Chinese of its own.
[LangOptions]
LanguageName=简体中文
LanguageID=$0804
LanguageCodePage=0

[Messages]
SetupAppTitle=安装
SetupWindowTitle=安装 - %1
UninstallAppTitle=卸载
UninstallAppFullTitle=卸载 %1
ButtonBack=< 上一步(&B)
ButtonNext=下一步(&N) >
ButtonInstall=安装(&I)
ButtonOK=确定
ButtonCancel=取消
ButtonYes=是(&Y)
ButtonNo=否(&N)
ButtonFinish=完成(&F)
ButtonBrowse=浏览(&B)...
ButtonWizardBrowse=浏览(&R)...
ClickNext=单击“下一步”继续，或单击“取消”退出安装。
WelcomeLabel1=欢迎安装 [name]
WelcomeLabel2=即将在您的电脑上安装 [name/ver]。%n%n建议先关闭其他程序再继续。
WizardLicense=许可协议
LicenseLabel=继续之前请阅读以下重要信息。
LicenseLabel3=请阅读下列许可协议。继续安装须接受协议条款。
LicenseAccepted=我接受协议(&A)
LicenseNotAccepted=我不接受协议(&D)
WizardSelectDir=选择目标位置
SelectDirDesc=[name] 要安装到哪里？
SelectDirLabel3=[name] 将安装到下列文件夹。
SelectDirBrowseLabel=单击“下一步”继续。要选择其他文件夹，请单击“浏览”。
WizardSelectTasks=选择附加任务
SelectTasksDesc=还要执行哪些任务？
SelectTasksLabel2=请选择安装 [name] 时要执行的附加任务，然后单击“下一步”。
WizardReady=准备安装
ReadyLabel1=即将在您的电脑上安装 [name]。
ReadyLabel2a=单击“安装”继续，或单击“上一步”修改设置。
WizardInstalling=正在安装
InstallingLabel=正在安装 [name]，请稍候。
FinishedHeadingLabel=[name] 安装完成
FinishedLabel=[name] 已安装，可通过快捷方式启动。
ClickFinish=单击“完成”退出安装。
ConfirmUninstall=确定要完全移除 %1 及其所有组件吗？
UninstalledAll=%1 已成功移除。

[CustomMessages]
AdditionalIcons=附加快捷方式:
CreateDesktopIcon=创建桌面快捷方式(&D)
LaunchProgram=运行 %1
UninstallProgram=卸载 %1
